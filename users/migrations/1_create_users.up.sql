CREATE TABLE users (
    -- Other tables refer to this id. The longer one of the identity provider stays here.
    id               BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    logto_id         TEXT NOT NULL UNIQUE,
    -- An access token need not carry the profile, so each part of it may be unknown.
    username         TEXT,
    email            TEXT,
    phone            TEXT,
    name             TEXT,
    picture          TEXT,
    suspended        BOOLEAN NOT NULL DEFAULT FALSE,
    created_at       TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at       TIMESTAMPTZ NOT NULL DEFAULT now(),
    last_seen_at     TIMESTAMPTZ NOT NULL DEFAULT now(),
    -- Logto's updatedAt of the state held here. Older states are ignored.
    logto_updated_at TIMESTAMPTZ
);

-- For the search by prefix, whatever the database's collation.
CREATE INDEX users_name_prefix ON users (lower(name) text_pattern_ops);
CREATE INDEX users_email_prefix ON users (lower(email) text_pattern_ops);
