-- The profile has two sources. A state from Logto has all of it, and the time of its
-- last change (logto_updated_at). An access token has some of it: profile_claims are the
-- columns set by the newest such token, and profile_at is when it was issued.
--
-- docs/migrations.md explains the statements around ALTER TABLE.
LOCK TABLE users IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = '300ms';
DO $$
BEGIN
    FOR attempt IN 1..100 LOOP
        BEGIN
            ALTER TABLE users
                ADD COLUMN profile_at     TIMESTAMPTZ,
                ADD COLUMN profile_claims TEXT[],
                -- When the person last deleted their previous row here.
                ADD COLUMN forgotten_at   TIMESTAMPTZ,
                -- Null if the person has never called.
                ALTER COLUMN last_seen_at DROP NOT NULL;
            RETURN;
        EXCEPTION WHEN lock_not_available THEN
            PERFORM pg_sleep(0.3);
        END;
    END LOOP;
    RAISE lock_not_available USING MESSAGE = 'other transactions keep the table users locked: end them, and deploy again';
END $$;
