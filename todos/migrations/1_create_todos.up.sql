CREATE TABLE todos (
    id              BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- Who made it: an id of the users database, so no foreign key can hold it.
    -- It is null if they were deleted and the todo is an organization's.
    owner_id        BIGINT CHECK (owner_id > 0),
    -- The organization whose todo it is. It is null if it is the owner's own.
    organization_id TEXT CHECK (organization_id <> ''),
    text            TEXT NOT NULL CHECK (text <> ''),
    done            BOOLEAN NOT NULL DEFAULT FALSE,
    -- Grows by one with each edit.
    version         BIGINT NOT NULL DEFAULT 1,
    created_at      TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at      TIMESTAMPTZ NOT NULL DEFAULT now(),
    CHECK (owner_id IS NOT NULL OR organization_id IS NOT NULL)
);

-- The lists by age: any page of one is a single range of its index.
CREATE INDEX todos_of_person ON todos (owner_id, id) WHERE organization_id IS NULL;
CREATE INDEX todos_of_organization ON todos (organization_id, id) WHERE organization_id IS NOT NULL;
-- What a deleted person made for organizations.
CREATE INDEX todos_made_for_organizations ON todos (owner_id, id) WHERE organization_id IS NOT NULL;

-- The Idempotency-Keys of the last day. A key outlives its todo, so that a late
-- retry does not bring back what was deleted.
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
