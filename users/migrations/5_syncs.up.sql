-- When the last complete sync with Logto ended: one row, or none.
CREATE TABLE syncs (
    only_row    BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (only_row),
    finished_at TIMESTAMPTZ NOT NULL
);
