package users

import (
	"context"
	"errors"
	"time"

	"encore.dev/storage/sqldb"

	"encore.app/internal/fault"
)

const (
	// syncLeaseTime is how long a run of the sync has its lease after each step.
	// It is longer than the longest step and the request to Logto before it. If the
	// instance ends, the next run has to wait this long.
	syncLeaseTime = 90 * time.Second
	// syncStepTimeout bounds one transaction of a sync.
	syncStepTimeout = 15 * time.Second
)

var (
	errSyncing   = errors.New("another sync is under way")
	errLeaseLost = errors.New("the sync was too slow, so that another one may have begun")
)

// syncLease is the right to sync, which one run at a time has: the row of the
// table syncs. Between its steps a run holds no connection and no lock, which it
// could lose without noticing.
type syncLease struct {
	owner string
	began time.Time // by the database's clock
	// manyDeletions says that this run may delete any number of people.
	manyDeletions bool
}

// take takes the lease, unless another run has it, which is errSyncing. It ends
// soon if the database doesn't answer.
func (l *syncLease) take(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, fault.QueryTimeout)
	defer cancel()
	err := db.QueryRow(ctx, `
		INSERT INTO syncs (owner, leased_until) VALUES ($1, now() + $2 * INTERVAL '1 second')
		ON CONFLICT (only_row) DO UPDATE SET owner = EXCLUDED.owner, leased_until = EXCLUDED.leased_until
			WHERE syncs.owner IS NULL OR syncs.leased_until <= now()
		RETURNING now(), many_deletions
	`, l.owner, syncLeaseTime.Seconds()).Scan(&l.began, &l.manyDeletions)
	if errors.Is(err, sqldb.ErrNoRows) {
		return errSyncing
	}
	return err
}

// step is inTransaction for a step of the run. It commits only if the run still has
// its lease, which it renews: otherwise it returns errLeaseLost.
func (l *syncLease) step(ctx context.Context, do func(context.Context, *sqldb.Tx) (logtoIDs []string, err error)) error {
	ctx, cancel := context.WithTimeout(ctx, syncStepTimeout)
	defer cancel()
	return inTransaction(ctx, func(tx *sqldb.Tx) ([]string, error) {
		logtoIDs, err := do(ctx, tx)
		if err != nil {
			return nil, err
		}
		renewed, err := tx.Exec(ctx, `
			UPDATE syncs SET leased_until = clock_timestamp() + $2 * INTERVAL '1 second' WHERE owner = $1
		`, l.owner, syncLeaseTime.Seconds())
		if err == nil && renewed.RowsAffected() == 0 {
			err = errLeaseLost
		}
		return logtoIDs, err
	})
}

// complete notes that the sync is complete, and gives the lease back.
func (l *syncLease) complete(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, fault.QueryTimeout)
	defer cancel()
	completed, err := db.Exec(ctx, `
		UPDATE syncs SET finished_at = now(), owner = NULL, leased_until = NULL, many_deletions = many_deletions AND NOT $2
		WHERE owner = $1
	`, l.owner, l.manyDeletions)
	if err == nil && completed.RowsAffected() == 0 {
		err = errLeaseLost
	}
	return err
}

// release gives the lease back if the sync is not complete. If that fails, it
// runs out.
func (l *syncLease) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fault.QueryTimeout)
	defer cancel()
	db.Exec(ctx, `UPDATE syncs SET owner = NULL, leased_until = NULL WHERE owner = $1`, l.owner)
}

// allowManyDeletions lets the next complete sync delete any number of people.
func allowManyDeletions(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, fault.QueryTimeout)
	defer cancel()
	_, err := db.Exec(ctx, `
		INSERT INTO syncs (many_deletions) VALUES (TRUE) ON CONFLICT (only_row) DO UPDATE SET many_deletions = TRUE
	`)
	return err
}
