-- As in 9_users_changes.
LOCK TABLE forgotten IN SHARE UPDATE EXCLUSIVE MODE;
SET LOCAL lock_timeout = '300ms';
DO $$
BEGIN
    FOR attempt IN 1..100 LOOP
        BEGIN
            CREATE CONSTRAINT TRIGGER forgotten_change AFTER UPDATE OF suspended, deleted_at ON forgotten
                DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
                WHEN ((OLD.suspended, OLD.deleted_at) IS DISTINCT FROM (NEW.suspended, NEW.deleted_at))
                EXECUTE FUNCTION note_change();
            RETURN;
        EXCEPTION WHEN lock_not_available THEN
            PERFORM pg_sleep(0.3);
        END;
    END LOOP;
    RAISE lock_not_available USING MESSAGE = 'other transactions keep the table forgotten locked: end them, and deploy again';
END $$;
