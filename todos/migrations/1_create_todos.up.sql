CREATE TABLE todos (
    id              BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- The creator's id in the users database, which a foreign key can't refer to. Null
    -- if they were deleted and the todo belongs to an organization.
    owner_id        BIGINT CHECK (owner_id > 0),
    -- Null if the todo is on the owner's own list.
    organization_id TEXT CHECK (organization_id <> ''),
    text            TEXT NOT NULL CHECK (text <> ''),
    done            BOOLEAN NOT NULL DEFAULT FALSE,
    -- Increases by one with each edit.
    version         BIGINT NOT NULL DEFAULT 1,
    created_at      TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at      TIMESTAMPTZ NOT NULL DEFAULT now(),
    CHECK (owner_id IS NOT NULL OR organization_id IS NOT NULL)
);

-- For the lists by age: any page is a single range.
CREATE INDEX todos_of_person ON todos (owner_id, id) WHERE organization_id IS NULL;
CREATE INDEX todos_of_organization ON todos (organization_id, id) WHERE organization_id IS NOT NULL;
-- For removing a deleted person from the todos of organizations.
CREATE INDEX todos_made_for_organizations ON todos (owner_id, id) WHERE organization_id IS NOT NULL;

-- The Idempotency-Keys of the last day. A key outlives its todo, so that a late retry
-- can't bring back a deleted todo.
CREATE TABLE idempotency_keys (
    user_id         BIGINT NOT NULL,
    organization_id TEXT NOT NULL, -- empty for the person's own list
    key             TEXT NOT NULL,
    text_sha256     BYTEA NOT NULL, -- of the text as it was when the todo was made
    todo_id         BIGINT NOT NULL,
    created_at      TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, organization_id, key)
);

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
