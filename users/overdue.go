package users

import (
	"context"
	"time"

	"encore.dev/rlog"
)

const (
	// overdueAfter is when a sync is overdue: somewhat later than the cron job's.
	overdueAfter = 26 * time.Hour
	// overdueCheck is how often a look is taken.
	overdueCheck = time.Hour
)

// syncOverdue syncs whenever the cron job has not: Encore runs cron jobs in the
// clouds, and none in an image that somebody hosts themselves. It calls the cron
// job's endpoint, since Encore drops what is measured outside of a request. It
// returns when the context ends.
func syncOverdue(ctx context.Context) {
	tick := time.NewTicker(overdueCheck)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := syncIfOverdue(ctx, func(ctx context.Context) error { return SyncDaily(ctx) }); err != nil && ctx.Err() == nil {
			rlog.Error("nobody knows whether a sync of users is overdue", "err", err)
		}
	}
}

func syncIfOverdue(ctx context.Context, sync func(context.Context) error) error {
	var recent bool
	if err := db.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM syncs WHERE finished_at > now() - $1 * INTERVAL '1 second')
	`, overdueAfter.Seconds()).Scan(&recent); err != nil || recent {
		return err
	}
	_ = sync(ctx) // it has logged its error
	return nil
}
