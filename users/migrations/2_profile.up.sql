-- The profile comes from two places. Logto's whole state of a person carries
-- the time of its last change (logto_updated_at). An access token may carry a
-- part of the profile: profile_claims are the columns that the newest such
-- token gave, and profile_at is the second it was issued in.
--
-- docs/migrations.md says what the statements around ALTER TABLE are for.
LOCK TABLE users IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = '300ms';
DO $$
BEGIN
    FOR attempt IN 1..100 LOOP
        BEGIN
            ALTER TABLE users
                ADD COLUMN profile_at     TIMESTAMPTZ,
                ADD COLUMN profile_claims TEXT[],
                -- When somebody was forgotten who has come back since.
                ADD COLUMN forgotten_at   TIMESTAMPTZ,
                -- Null: known from Logto, never seen here.
                ALTER COLUMN last_seen_at DROP NOT NULL;
            RETURN;
        EXCEPTION WHEN lock_not_available THEN
            PERFORM pg_sleep(0.3);
        END;
    END LOOP;
    RAISE lock_not_available USING MESSAGE = 'other transactions keep the table users locked: end them, and deploy again';
END $$;
