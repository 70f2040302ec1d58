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
    logto_updated_at TIMESTAMPTZ,
    -- Deleted in Logto: what is left is a tombstone, without personal data, so
    -- that nothing that arrives late brings the person back.
    deleted_at       TIMESTAMPTZ
);

-- The list of everybody, however many are deleted.
CREATE INDEX users_not_deleted ON users (id) WHERE deleted_at IS NULL;

-- For the search by prefix, in an order that does not depend on the database's
-- collation. users/list.go says how it uses them.
CREATE FUNCTION common_prefix_length(a TEXT, b TEXT) RETURNS INTEGER LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    n INTEGER := 0;
BEGIN
    WHILE n < LEAST(char_length(a), char_length(b)) AND substr(a, n + 1, 1) = substr(b, n + 1, 1) LOOP
        n := n + 1;
    END LOOP;
    RETURN n;
END $$;
CREATE INDEX users_by_name ON users ((lower(name) COLLATE "C"), id);
CREATE INDEX users_by_email ON users (common_prefix_length(lower(name), lower(email)), (lower(email) COLLATE "C"), id);
