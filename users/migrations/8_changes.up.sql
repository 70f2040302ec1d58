-- Whoever is locked out, let in again or forgotten, in the order in which that was
-- committed. Every instance reads it and forgets what it remembers of these people.
CREATE TABLE changes (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    logto_id   TEXT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);
-- A reader's position is that of a row, so there is always one.
INSERT INTO changes (logto_id, changed_at) VALUES ('', now());

-- For deferred triggers: they run within COMMIT, as the last thing that a
-- transaction does, whoever wrote the row.
--
-- The lock makes the ids visible in their order. Without it a transaction could
-- draw id 1, another draw 2 and commit first, and whoever reads in between would go
-- on after 2 and never see 1. It is held until the commit is over, and is always
-- the last lock of a transaction, so nobody waits for each other. No client can
-- hold it, since COMMIT is one statement.
CREATE FUNCTION note_change() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('changes'), 0); -- the keys of all other locks are a bigint
    INSERT INTO changes (logto_id, changed_at) VALUES (OLD.logto_id, clock_timestamp());
    RETURN NULL;
END $$;
