-- The same for e-mails.
SET LOCAL statement_timeout = '300ms';
CREATE OR REPLACE FUNCTION common_prefix_length(a TEXT, b TEXT) RETURNS INTEGER LANGUAGE SQL IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT count(*)::integer FROM generate_series(1, LEAST(char_length(a), char_length(b))) AS n
    WHERE left(a, n) = left(b, n)
);
CREATE INDEX IF NOT EXISTS users_by_email ON users (common_prefix_length(lower(name), lower(email)), (lower(email) COLLATE "C"), id);
DROP INDEX IF EXISTS users_email_prefix;
