-- The sync with Logto: one row, or none.
CREATE TABLE syncs (
    only_row       BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (only_row),
    -- When the last complete one ended.
    finished_at    TIMESTAMPTZ,
    -- The run that is under way, and until when it need not say so again.
    owner          TEXT,
    leased_until   TIMESTAMPTZ,
    -- The next complete one may delete however many people. Set by an operator.
    many_deletions BOOLEAN NOT NULL DEFAULT FALSE
);
