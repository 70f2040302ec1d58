CREATE TABLE users (
    -- The internal id. Other services refer to it, not to logto_id.
    id               BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    logto_id         TEXT NOT NULL UNIQUE,
    -- The profile. Unknown parts are null.
    username         TEXT,
    email            TEXT,
    phone            TEXT,
    name             TEXT,
    picture          TEXT,
    suspended        BOOLEAN NOT NULL DEFAULT FALSE,
    created_at       TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at       TIMESTAMPTZ NOT NULL DEFAULT now(),
    last_seen_at     TIMESTAMPTZ NOT NULL DEFAULT now(),
    -- updatedAt of the last state from Logto. Older states are ignored.
    logto_updated_at TIMESTAMPTZ,
    -- Set if deleted in Logto. The row is then a tombstone without personal data, so
    -- that a late webhook can't recreate the person.
    deleted_at       TIMESTAMPTZ
);

-- For the list of all people: it must not have to skip tombstones.
CREATE INDEX users_not_deleted ON users (id) WHERE deleted_at IS NULL;

-- For the search by prefix (see users/list.go). COLLATE "C" makes the order independent
-- of the database's collation.
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
