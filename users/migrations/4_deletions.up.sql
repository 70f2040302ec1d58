-- The outbox: deleted people whose event is still to be published.
CREATE TABLE deletions (
    user_id    BIGINT PRIMARY KEY,
    published  BOOLEAN NOT NULL DEFAULT FALSE,
    due_at     TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX deletions_due ON deletions (due_at);
CREATE INDEX deletions_by_age ON deletions (created_at);
