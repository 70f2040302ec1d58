package users

import (
	"context"
	"errors"
	"time"

	"encore.dev/beta/errs"
	"encore.dev/cron"
	"encore.dev/metrics"
	"encore.dev/rlog"
	"encore.dev/storage/sqldb"

	"encore.app/internal/fault"
	"encore.app/users/logto"
)

type SyncLabels struct {
	// Outcome is "complete", "deleted_nobody" or "failed".
	Outcome string
}

var syncs = metrics.NewCounterGroup[SyncLabels, uint64]("syncs_total", metrics.CounterConfig{})

// Logto delivers each webhook at most once. The sync makes up for lost deliveries.
var _ = cron.NewJob("sync-users", cron.JobConfig{
	Title:    "Sync users with Logto",
	Every:    24 * cron.Hour,
	Endpoint: SyncDaily,
})

// SyncDaily is Sync for the cron job. It returns nil if the Management API is not
// configured or another sync is running.
//
//encore:api private
func SyncDaily(ctx context.Context) error {
	api, err := configuredManagement()
	if err != nil {
		rlog.Info("users are not synced with Logto", "reason", err)
		return nil
	}
	_, err = runSync(ctx, api)
	if errs.Code(err) == errs.Aborted {
		return nil
	}
	return err
}

type SyncResponse struct {
	Seen int `json:"seen"`
	// Changed counts new people and changed profiles and suspensions.
	Changed int `json:"changed"`
	// Deleted counts people who have a row here but are no longer in Logto.
	Deleted int `json:"deleted"`
}

// Sync copies all people from Logto. It can be interrupted at any time: the next run
// does the rest.
//
// It returns errs.FailedPrecondition if the Management API is not configured, or if so
// many people are missing in Logto that it deleted nobody; errs.Aborted if another sync
// is running; and errs.Unavailable if Logto or the database can't be reached.
//
//encore:api private
func Sync(ctx context.Context) (*SyncResponse, error) {
	api, err := configuredManagement()
	if err != nil {
		return nil, &errs.Error{Code: errs.FailedPrecondition, Message: "nothing was done: " + err.Error()}
	}
	return runSync(ctx, api)
}

// SyncWithManyDeletions is Sync without a limit on deletions. If it fails, the next
// complete sync has no limit.
//
//encore:api private
func SyncWithManyDeletions(ctx context.Context) (*SyncResponse, error) {
	if err := allowManyDeletions(ctx); err != nil {
		return nil, fault.Database(ctx, "allow many deletions", err)
	}
	return Sync(ctx)
}

// runSync syncs, logs the result, and returns errors that are safe for the caller.
func runSync(ctx context.Context, api *logto.Management) (*SyncResponse, error) {
	start := time.Now()
	resp, err := syncWith(ctx, api)
	var many *tooManyMissing
	switch {
	case err == nil:
		syncs.With(SyncLabels{"complete"}).Increment()
		rlog.Info("users synced with Logto", "seen", resp.Seen, "changed", resp.Changed, "deleted", resp.Deleted,
			"duration", time.Since(start).Round(time.Millisecond).String())
		return resp, nil
	case errors.Is(err, errSyncing):
		return nil, &errs.Error{Code: errs.Aborted, Message: "nothing was done: " + err.Error()}
	case errors.As(err, &many):
		syncs.With(SyncLabels{"deleted_nobody"}).Increment()
		rlog.Error("sync of users deleted nobody: too many are missing in Logto. docs/webhooks.md says what to do",
			"missing_at_least", many.missing, "of", many.known)
		return nil, &errs.Error{Code: errs.FailedPrecondition, Message: err.Error()}
	case errors.Is(ctx.Err(), context.Canceled):
		rlog.Info("sync of users was canceled, the next run does the rest")
		return nil, &errs.Error{Code: errs.Canceled, Message: "the sync was canceled"}
	}
	syncs.With(SyncLabels{"failed"}).Increment()
	rlog.Error("sync of users ended early, the next run does the rest", "err", err)
	return nil, fault.Unavailable("the sync ended early: see the log")
}

const (
	// overdueAfter leaves the cron job some time.
	overdueAfter = 26 * time.Hour
	overdueCheck = time.Hour
)

// syncIfOverdue syncs if the cron job has not done so: a self-hosted image has no cron
// jobs. It calls the endpoint because Encore drops metrics set outside a request.
func syncIfOverdue(ctx context.Context) {
	overdue, err := syncIsOverdue(ctx)
	switch {
	case overdue:
		_ = SyncDaily(ctx) // logs its own error
	case err != nil && ctx.Err() == nil:
		rlog.Error("can't find out whether a sync of users is overdue", "err", err)
	}
}

func syncIsOverdue(ctx context.Context) (overdue bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, fault.QueryTimeout)
	defer cancel()
	err = db.QueryRow(ctx, `
		SELECT NOT EXISTS (SELECT FROM syncs WHERE finished_at > now() - $1 * INTERVAL '1 second')
	`, overdueAfter.Seconds()).Scan(&overdue)
	return overdue, err
}

type IdentityProviderParams struct {
	// JwksUri is the URL of the key set.
	JwksUri string `trace:"the address of a key set"`
}

// SetIdentityProvider records which identity provider people sign in with. The service
// auth calls it when it starts and every hour. The last call wins. It returns
// errs.Unavailable if the database can't be reached.
//
//encore:api private
func SetIdentityProvider(ctx context.Context, p *IdentityProviderParams) error {
	ctx, cancel := context.WithTimeout(ctx, fault.QueryTimeout)
	defer cancel()
	if _, err := db.Exec(ctx, `
		INSERT INTO identity_provider (jwks_uri) VALUES ($1)
		ON CONFLICT (only_row) DO UPDATE SET jwks_uri = EXCLUDED.jwks_uri, told_at = now()
	`, p.JwksUri); err != nil {
		return fault.Database(ctx, "set identity provider", err)
	}
	return nil
}

// checkTenant returns an error unless the Management API belongs to the tenant that
// people sign in with. Syncing with another tenant would delete everybody.
func checkTenant(ctx context.Context, api *logto.Management) error {
	var jwksURI string
	err := db.QueryRow(ctx, `SELECT jwks_uri FROM identity_provider`).Scan(&jwksURI)
	if errors.Is(err, sqldb.ErrNoRows) {
		return errors.New("the service auth has not yet reported which identity provider people sign in with")
	} else if err != nil {
		return err
	}
	return api.CheckTenant(ctx, jwksURI)
}

// newcomers is a queue of people whose first token had no profile. If it is full, the
// next webhook or sync brings their profile.
var newcomers = make(chan string, 1000)

func queueNewcomer(logtoID string) {
	select {
	case newcomers <- logtoID:
	default:
	}
}

var fetchErrors = fault.NewLines(rlog.Warn)

func fetchNewcomers(ctx context.Context, api *logto.Management) {
	for {
		select {
		case <-ctx.Done():
			return
		case logtoID := <-newcomers:
			if err := fetchProfile(ctx, api, logtoID); err != nil && ctx.Err() == nil {
				fetchErrors.Add("a new user's profile can't be fetched, the next webhook or sync brings it", "err", err)
			}
		}
	}
}

const fetchTimeout = time.Minute

func fetchProfile(ctx context.Context, api *logto.Management, logtoID string) error {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	asOf := time.Now().Add(-clockMargin)
	// A person unknown to Logto is not deleted here. Sync does that, because it first
	// checks that this is the right tenant.
	u, err := api.User(ctx, logtoID)
	if err != nil {
		return err
	}
	s, err := u.CurrentState(time.Now())
	if err != nil {
		return err
	}
	return inTransaction(ctx, func(tx *sqldb.Tx) ([]string, error) {
		a, err := apply(ctx, tx, []logto.State{s}, &asOf)
		if err != nil {
			return nil, err
		}
		return a.changed, nil
	})
}
