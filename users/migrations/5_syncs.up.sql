-- The state of the sync with Logto, in at most one row.
CREATE TABLE syncs (
    only_row       BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (only_row),
    -- When the last complete sync ended.
    finished_at    TIMESTAMPTZ,
    -- The running sync, and when its lease expires.
    owner          TEXT,
    leased_until   TIMESTAMPTZ,
    -- An operator allows the next complete sync to delete any number of people.
    many_deletions BOOLEAN NOT NULL DEFAULT FALSE
);
