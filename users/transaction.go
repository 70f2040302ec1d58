package users

import (
	"context"

	"encore.dev/storage/sqldb"
)

// inTransaction does something to the rows of people, durably, and then tells
// whoever reads the changes if it names anybody, and the other services of those
// who were deleted. The context bounds it as a whole.
func inTransaction(ctx context.Context, do func(*sqldb.Tx) (logtoIDs []string, err error)) error {
	var logtoIDs []string
	return transact(ctx, func(tx *sqldb.Tx) (err error) {
		logtoIDs, err = do(tx)
		return err
	}, func() {
		if len(logtoIDs) > 0 {
			readers.wake()
		}
		deletions.wake()
	})
}

// transact commits what do does, unless that fails, and calls then. The context
// bounds it as a whole.
func transact(ctx context.Context, do func(*sqldb.Tx) error, then func()) error {
	tx, err := db.Begin(ctx)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		tx.Rollback()
		return err
	}
	// Commit takes no context. And its error leaves open what became of the
	// transaction, so then is called all the same.
	committed := make(chan error, 1)
	go func() {
		err := tx.Commit()
		then()
		committed <- err
	}()
	select {
	case err := <-committed:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// lockPeople waits until nobody else makes, changes or deletes the rows of these
// people, on news from Logto or by their wish, and keeps it so until the
// transaction ends. It comes first in a transaction, before any row is locked.
// Without it, news could bring somebody back who is being forgotten at that moment.
func lockPeople(ctx context.Context, tx *sqldb.Tx, logtoIDs ...string) error {
	// In one order for all, so that nobody waits for each other.
	_, err := tx.Exec(ctx, `
		SELECT pg_advisory_xact_lock(key)
		FROM (SELECT DISTINCT hashtextextended(id, 0) AS key FROM unnest($1::text[]) AS id ORDER BY key) AS keys
	`, logtoIDs)
	return err
}
