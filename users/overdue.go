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
// clouds, and none in an image that somebody hosts themselves. It returns when
// the context ends.
func syncOverdue(ctx context.Context, api *management) {
	tick := time.NewTicker(overdueCheck)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := syncIfOverdue(ctx, api); err != nil && ctx.Err() == nil {
			rlog.Error("nobody knows whether a sync of users is overdue", "err", err)
		}
	}
}

func syncIfOverdue(ctx context.Context, api *management) error {
	var recent bool
	if err := db.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM syncs WHERE finished_at > now() - $1 * INTERVAL '1 second')
	`, overdueAfter.Seconds()).Scan(&recent); err != nil || recent {
		return err
	}
	_, _ = runSync(ctx, api) // logs how it ended
	return nil
}
