-- There is no trigger for INSERT: nobody caches anything about a person without a row.
--
-- docs/migrations.md explains the statements around CREATE TRIGGER.
LOCK TABLE users IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = '300ms';
DO $$
BEGIN
    FOR attempt IN 1..100 LOOP
        BEGIN
            CREATE CONSTRAINT TRIGGER users_change AFTER UPDATE OF suspended, deleted_at ON users
                DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
                WHEN ((OLD.suspended, OLD.deleted_at) IS DISTINCT FROM (NEW.suspended, NEW.deleted_at))
                EXECUTE FUNCTION note_change();
            CREATE CONSTRAINT TRIGGER users_delete AFTER DELETE ON users
                DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_change();
            RETURN;
        EXCEPTION WHEN lock_not_available THEN
            PERFORM pg_sleep(0.3);
        END;
    END LOOP;
    RAISE lock_not_available USING MESSAGE = 'other transactions keep the table users locked: end them, and deploy again';
END $$;
