package users

import (
	"context"
	"errors"
	"time"

	"encore.dev/storage/sqldb"

	"encore.app/internal/fault"
)

const (
	// syncLeaseTime must be longer than the slowest step plus the request to Logto
	// before it. If an instance dies, the next sync has to wait this long.
	syncLeaseTime   = 90 * time.Second
	syncStepTimeout = 15 * time.Second // for one transaction
)

var (
	errSyncing   = errors.New("another sync is running")
	errLeaseLost = errors.New("the sync was too slow and lost its lease: another one may have started")
)

// syncLease makes sure that only one sync runs at a time. It is the row of the table
// syncs, not a lock: a sync that waits for Logto must not hold a connection, which it
// could lose without noticing.
type syncLease struct {
	owner         string
	start         time.Time // by the database's clock
	manyDeletions bool      // no limit on deletions
}

// acquire takes the lease. It returns errSyncing if another sync has it.
func (l *syncLease) acquire(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, fault.QueryTimeout)
	defer cancel()
	err := db.QueryRow(ctx, `
		INSERT INTO syncs (owner, leased_until) VALUES ($1, now() + $2 * INTERVAL '1 second')
		ON CONFLICT (only_row) DO UPDATE SET owner = EXCLUDED.owner, leased_until = EXCLUDED.leased_until
			WHERE syncs.owner IS NULL OR syncs.leased_until <= now()
		RETURNING now(), many_deletions
	`, l.owner, syncLeaseTime.Seconds()).Scan(&l.start, &l.manyDeletions)
	if errors.Is(err, sqldb.ErrNoRows) {
		return errSyncing
	}
	return err
}

// step is inTransaction, and renews the lease. It rolls back and returns errLeaseLost if
// the sync no longer has the lease.
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

// release releases the lease of an incomplete sync. If that fails, the lease expires.
func (l *syncLease) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fault.QueryTimeout)
	defer cancel()
	db.Exec(ctx, `UPDATE syncs SET owner = NULL, leased_until = NULL WHERE owner = $1`, l.owner)
}

func allowManyDeletions(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, fault.QueryTimeout)
	defer cancel()
	_, err := db.Exec(ctx, `
		INSERT INTO syncs (many_deletions) VALUES (TRUE) ON CONFLICT (only_row) DO UPDATE SET many_deletions = TRUE
	`)
	return err
}
