-- People who made the application forget them. They come back by calling it
-- again, not by news from Logto: of that, only what locks them out is kept.
CREATE TABLE forgotten (
    logto_id         TEXT PRIMARY KEY,
    suspended        BOOLEAN NOT NULL DEFAULT FALSE,
    deleted_at       TIMESTAMPTZ,
    logto_updated_at TIMESTAMPTZ,
    forgotten_at     TIMESTAMPTZ NOT NULL DEFAULT now()
);
