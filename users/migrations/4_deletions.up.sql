-- Deleted people of whom the other services are still to be told.
CREATE TABLE deletions (
    user_id    BIGINT PRIMARY KEY,
    published  BOOLEAN NOT NULL DEFAULT FALSE,
    due_at     TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX deletions_due ON deletions (due_at);
CREATE INDEX deletions_by_age ON deletions (created_at);
