package users

import (
	"context"

	"encore.dev/storage/sqldb"
)

// inTransaction does something to the rows of people, durably, and then tells
// the listeners of those it names, and the other services of those who were
// deleted. The context bounds it as a whole.
func inTransaction(ctx context.Context, do func(*sqldb.Tx) (logtoIDs []string, err error)) error {
	tx, err := db.Begin(ctx)
	if err != nil {
		return err
	}
	logtoIDs, err := do(tx)
	if err != nil {
		tx.Rollback()
		return err
	}
	// Commit takes no context. And its error leaves open what became of the
	// transaction, so they are told all the same.
	committed := make(chan error, 1)
	go func() {
		err := tx.Commit()
		changed(logtoIDs...)
		deletions.wake()
		committed <- err
	}()
	select {
	case err := <-committed:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
