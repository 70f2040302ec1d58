-- The index of 1_create_users, for databases that were made before it was there.
SET LOCAL statement_timeout = '450ms';
CREATE INDEX IF NOT EXISTS users_by_name ON users ((lower(name) COLLATE "C"), id);
DROP INDEX IF EXISTS users_name_prefix;
