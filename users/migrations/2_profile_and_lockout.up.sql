-- The profile comes from two places. Logto's whole state of a person carries
-- the time of its last change (logto_updated_at). An access token may carry a
-- part of the profile: profile_claims are the columns that the newest such
-- token gave, and profile_at is the second it was issued in.
ALTER TABLE users
    ADD COLUMN profile_at     TIMESTAMPTZ,
    ADD COLUMN profile_claims TEXT[],
    -- Deleted in Logto: what is left is a tombstone, without personal data, so
    -- that nothing that arrives late brings the person back.
    ADD COLUMN deleted_at     TIMESTAMPTZ,
    -- Null: known from Logto, never seen here.
    ALTER COLUMN last_seen_at DROP NOT NULL;

-- People who made the application forget them. They come back by calling it
-- again, not by news from Logto: of that, only what locks them out is kept.
CREATE TABLE forgotten (
    logto_id         TEXT PRIMARY KEY,
    suspended        BOOLEAN NOT NULL DEFAULT FALSE,
    deleted_at       TIMESTAMPTZ,
    logto_updated_at TIMESTAMPTZ,
    forgotten_at     TIMESTAMPTZ NOT NULL DEFAULT now()
);
