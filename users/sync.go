package users

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"encore.dev/beta/errs"
	"encore.dev/cron"
	"encore.dev/rlog"
	"encore.dev/storage/sqldb"

	"encore.app/internal/fault"
)

// Logto delivers webhooks at most once. What they missed is made up for daily.
var _ = cron.NewJob("sync-users", cron.JobConfig{
	Title:    "Sync users with Logto",
	Every:    24 * cron.Hour,
	Endpoint: SyncDaily,
})

// SyncDaily is Sync for the cron job. That nobody has configured the Management
// API, or that a sync is under way, is no error of a job.
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

// SyncResponse says what a sync did.
type SyncResponse struct {
	// Seen are the people in Logto.
	Seen int `json:"seen"`
	// Changed are those who are new here, or whose profile or lock-out changed.
	Changed int `json:"changed"`
	// Deleted are those who are known here and no more in Logto.
	Deleted int `json:"deleted"`
}

// Sync makes the people's rows the same as Logto's. It may be stopped at any
// point: what it has done by then stays, and the next run does the rest.
//
// It returns errs.FailedPrecondition if the Management API is not configured, so
// that nothing was done, or if so many people are missing in Logto that it
// deleted nobody; errs.Aborted if another sync is under way; and
// errs.Unavailable if Logto or the database can't be reached.
//
//encore:api private
func Sync(ctx context.Context) (*SyncResponse, error) {
	api, err := configuredManagement()
	if err != nil {
		return nil, &errs.Error{Code: errs.FailedPrecondition, Message: "nothing was done: " + err.Error()}
	}
	return runSync(ctx, api)
}

// SyncWithManyDeletions is Sync, however many people are missing in Logto and
// thus deleted here. If it fails, that goes for the next complete sync.
//
//encore:api private
func SyncWithManyDeletions(ctx context.Context) (*SyncResponse, error) {
	if err := allowManyDeletions(ctx); err != nil {
		return nil, fault.Database(ctx, "allow many deletions", err)
	}
	return Sync(ctx)
}

// runSync syncs and logs how that ended. Its errors are for the caller.
func runSync(ctx context.Context, api *management) (*SyncResponse, error) {
	start := time.Now()
	resp, err := syncWith(ctx, api)
	var many *manyMissing
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
		rlog.Error("sync of users deleted nobody: too many are missing in Logto. docs/webhooks.md says how to go on",
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

// contactTimeout bounds the first contact with Logto, so that whoever starts a
// sync learns soon that Logto is away. Later it may take its time.
const contactTimeout = 5 * time.Second

// syncRun is a run of Sync.
type syncRun struct {
	api   *management
	lease syncLease
	seen  idSet // of those who have a row
	// others were seen and have no row, being forgotten, or a state that can't
	// be stored.
	others map[string]bool
	// unlisted is how many people are in Logto and on none of its pages.
	unlisted int
	pages    int
	resp     SyncResponse
}

// syncWith returns errSyncing if another run is under way, and *manyMissing if it
// deleted nobody.
func syncWith(ctx context.Context, api *management) (*SyncResponse, error) {
	r := &syncRun{api: api, lease: syncLease{owner: rand.Text()}, others: make(map[string]bool)}
	if err := r.lease.take(ctx); err != nil {
		return nil, err
	}
	defer r.lease.release(ctx)
	if err := r.contact(ctx); err != nil {
		return nil, err
	}
	if err := r.walk(ctx); err != nil {
		return nil, err
	}
	deleted := r.deleteMissing(ctx)
	if many := new(manyMissing); deleted != nil && !errors.As(deleted, &many) {
		return nil, deleted
	}
	if err := r.lease.complete(ctx); err != nil {
		return nil, err
	}
	r.resp.Seen = r.count()
	return &r.resp, deleted
}

// contact makes sure that Logto is there, and is the right one.
func (r *syncRun) contact(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, contactTimeout)
	defer cancel()
	return r.api.checkTenant(ctx)
}

// count is the number of people seen.
func (r *syncRun) count() int { return r.seen.len() + len(r.others) }

// walk goes through all people in Logto, and again as long as that meets more of
// them: people who were created at the same instant, as by an import into Logto's
// database, are in no certain order, so that a page may leave some of them out.
func (r *syncRun) walk(ctx context.Context) error {
	for {
		before := r.count()
		total, err := r.walkPages(ctx)
		if err != nil || r.count() >= total {
			return err
		}
		if r.count() == before {
			r.unlisted = total - before
			rlog.Warn("sync of users could not meet everybody: Logto lists people who were created at the same instant in no certain order",
				"seen", before, "of", total)
			return nil
		}
	}
}

// walkPages goes through the pages of the list, which is ordered newest first,
// and changes meanwhile. Somebody new moves the others down the list, where they
// are met once more. Somebody deleted moves those below up the list, some onto
// pages that were read already. Then it goes back. It returns how many people
// there are.
func (r *syncRun) walkPages(ctx context.Context) (total int, err error) {
	before := 0
	for page := 1; ; {
		asOf := time.Now().Add(-clockMargin)
		users, total, err := r.api.users(ctx, page)
		if err != nil {
			return 0, err
		}
		if err := r.take(ctx, users, asOf); err != nil {
			return 0, err
		}
		if r.pages++; r.pages%100 == 0 {
			rlog.Info("syncing users with Logto", "seen", r.count(), "of", total)
		}
		switch gone := before - total; {
		case gone > 0:
			// One more, since the page and the number are not of the same instant.
			page = max(1, page-(gone+pageSize-1)/pageSize-1)
		case len(users) == 0 || page*pageSize >= total:
			return total, nil
		default:
			page++
		}
		before = total
	}
}

// clockMargin is by how much less than the time of asking the answer is taken to
// be of: Logto's clock may be behind.
const clockMargin = time.Minute

var leftAsTheyAre = fault.NewLines(rlog.Warn)

// take makes rows follow what Logto answered, when asked after asOf.
func (r *syncRun) take(ctx context.Context, users []logtoUser, asOf time.Time) error {
	var states []state
	for _, u := range users {
		s, err := u.current(time.Now())
		if err != nil {
			leftAsTheyAre.Add("sync leaves a user as they are", "logto_id", fmt.Sprintf("%.40q", u.ID), "reason", err)
			r.others[u.ID] = true
			continue
		}
		states = append(states, s)
	}
	return r.lease.step(ctx, func(ctx context.Context, tx *sqldb.Tx) ([]string, error) {
		// The table may grow from nothing in a run, and a plan made for a small
		// one reads the whole of it.
		if _, err := tx.Exec(ctx, `SET LOCAL plan_cache_mode = force_custom_plan`); err != nil {
			return nil, err
		}
		a, err := apply(ctx, tx, states, &asOf)
		if err != nil {
			return nil, err
		}
		for _, id := range a.ids {
			r.seen.add(id)
		}
		for _, id := range a.forgotten {
			r.others[id] = true
		}
		r.resp.Changed += len(a.changed)
		return a.changed, nil
	})
}
