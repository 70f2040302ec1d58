-- Brings the first development databases up to date: the files before this one have
-- changed since those were created. In other databases it does nothing.
LOCK TABLE users, deletions, syncs IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL statement_timeout = '250ms';

CREATE OR REPLACE FUNCTION common_prefix_length(a TEXT, b TEXT) RETURNS INTEGER LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    n INTEGER := 0;
BEGIN
    WHILE n < LEAST(char_length(a), char_length(b)) AND substr(a, n + 1, 1) = substr(b, n + 1, 1) LOOP
        n := n + 1;
    END LOOP;
    RETURN n;
END $$;
CREATE INDEX IF NOT EXISTS users_by_name ON users ((lower(name) COLLATE "C"), id);
CREATE INDEX IF NOT EXISTS users_by_email ON users (common_prefix_length(lower(name), lower(email)), (lower(email) COLLATE "C"), id);
CREATE INDEX IF NOT EXISTS users_not_deleted ON users (id) WHERE deleted_at IS NULL;
DROP INDEX IF EXISTS users_name_prefix, users_email_prefix;

ALTER TABLE deletions ADD COLUMN IF NOT EXISTS created_at TIMESTAMPTZ NOT NULL DEFAULT now();
CREATE INDEX IF NOT EXISTS deletions_by_age ON deletions (created_at);

ALTER TABLE syncs
    ALTER COLUMN finished_at DROP NOT NULL,
    ADD COLUMN IF NOT EXISTS owner TEXT,
    ADD COLUMN IF NOT EXISTS leased_until TIMESTAMPTZ,
    ADD COLUMN IF NOT EXISTS many_deletions BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE users ADD COLUMN IF NOT EXISTS forgotten_at TIMESTAMPTZ;
