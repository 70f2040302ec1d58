-- The people who were suspended, reinstated, deleted or forgotten, in commit order.
-- Every instance reads it and drops what it has cached about them.
CREATE TABLE changes (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    logto_id   TEXT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);
-- A reader's position is the id of a row, so there must always be one.
INSERT INTO changes (logto_id, changed_at) VALUES ('', now());

-- For deferred triggers, which run during COMMIT.
--
-- The lock makes ids visible in ascending order. Without it, one transaction could get
-- id 1, and another get id 2 and commit first. A reader in between would continue after
-- 2 and never see 1. The lock is held until the commit ends. It is always the last lock
-- of a transaction, so it can't deadlock, and no client can hold it, because COMMIT is
-- one statement.
CREATE FUNCTION note_change() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('changes'), 0); -- the keys of all other locks are a bigint
    INSERT INTO changes (logto_id, changed_at) VALUES (OLD.logto_id, clock_timestamp());
    RETURN NULL;
END $$;
