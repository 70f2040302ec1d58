-- People who deleted themselves here. Only a call brings them back, not a webhook or
-- a sync: from those, only the suspension or deletion is stored.
CREATE TABLE forgotten (
    logto_id         TEXT PRIMARY KEY,
    suspended        BOOLEAN NOT NULL DEFAULT FALSE,
    deleted_at       TIMESTAMPTZ,
    logto_updated_at TIMESTAMPTZ,
    forgotten_at     TIMESTAMPTZ NOT NULL DEFAULT now()
);
