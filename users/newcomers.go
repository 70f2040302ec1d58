package users

import (
	"context"
	"time"

	"encore.dev/rlog"
	"encore.dev/storage/sqldb"

	"encore.app/internal/fault"
)

// newcomers are people whose first call this instance served, with a token that
// carried no profile. It holds so many; others stay unknown until the next
// webhook or sync.
var newcomers = make(chan string, 1000)

func meet(logtoID string) {
	select {
	case newcomers <- logtoID:
	default:
	}
}

var unfetched = fault.NewLines(rlog.Warn)

// fetchNewcomers fetches the profile of each newcomer from Logto, once, until the
// context ends.
func fetchNewcomers(ctx context.Context, api *management) {
	for {
		select {
		case <-ctx.Done():
			return
		case logtoID := <-newcomers:
			if err := fetchProfile(ctx, api, logtoID); err != nil && ctx.Err() == nil {
				unfetched.Add("a new user's profile can't be fetched, the next webhook or sync brings it", "err", err)
			}
		}
	}
}

// fetchTimeout bounds the fetching of one profile.
const fetchTimeout = time.Minute

func fetchProfile(ctx context.Context, api *management, logtoID string) error {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	asOf := time.Now().Add(-clockMargin)
	// Somebody whom Logto doesn't know is left to the sync, which finds out
	// whether it is the right Logto.
	u, err := api.user(ctx, logtoID)
	if err != nil {
		return err
	}
	s, err := u.current(time.Now())
	if err != nil {
		return err
	}
	return inTransaction(ctx, func(tx *sqldb.Tx) ([]string, error) {
		a, err := apply(ctx, tx, []state{s}, &asOf)
		if err != nil {
			return nil, err
		}
		return a.changed, nil
	})
}
