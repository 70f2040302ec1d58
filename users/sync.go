package users

import (
	"context"
	"errors"
	"fmt"
	"time"

	"encore.dev/beta/errs"
	"encore.dev/cron"
	"encore.dev/rlog"
	"encore.dev/storage/sqldb"
)

// Logto delivers webhooks at most once. What they missed is made up for daily.
var _ = cron.NewJob("sync-users", cron.JobConfig{
	Title:    "Sync users with Logto",
	Every:    24 * cron.Hour,
	Endpoint: Sync,
})

// SyncResponse says what a sync did. That is nothing if the Management API is
// not configured, or another instance is at it.
type SyncResponse struct {
	// Seen are the people in Logto.
	Seen int `json:"seen"`
	// Changed are those who are new here, or whose profile or lock-out changed.
	Changed int `json:"changed"`
	// Deleted are those who are known here and no more in Logto.
	Deleted int `json:"deleted"`
}

// Sync makes the people's rows the same as Logto's. It may be stopped at any
// point: what it has done by then stays, and the next run does the rest. It
// returns errs.Unavailable if Logto or the database can't be reached.
//
//encore:api private
func Sync(ctx context.Context) (*SyncResponse, error) {
	api, err := configuredManagement()
	if err != nil {
		rlog.Info("users are not synced with Logto", "reason", err)
		return &SyncResponse{}, nil
	}
	resp, err := syncWith(ctx, api)
	if err != nil {
		rlog.Error("sync of users ended early, the next run does the rest", "err", err)
		return nil, &errs.Error{Code: errs.Unavailable, Message: "the sync ended early: see the log"}
	}
	return resp, nil
}

// syncKey is the advisory lock of the one run at a time.
const syncKey = 0x75736572 // "user"

// syncRun is a run of Sync.
type syncRun struct {
	api   *management
	began time.Time // by the database's clock
	seen  idSet     // of those who have a row
	// others were seen and have no row, being forgotten, or a state that can't
	// be stored.
	others map[string]bool
	pages  int
	resp   SyncResponse
}

func syncWith(ctx context.Context, api *management) (*SyncResponse, error) {
	start := time.Now()
	r := &syncRun{api: api, others: make(map[string]bool)}

	if err := r.begin(ctx); err != nil {
		return nil, err
	}
	// The lock is the transaction's: if this instance ends, so does the lock.
	tx, err := db.Begin(ctx)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	var locked bool
	if err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock($1)`, syncKey).Scan(&locked); err != nil {
		return nil, err
	}
	if !locked {
		rlog.Info("users are being synced with Logto already")
		return &r.resp, nil
	}
	if err := api.checkTenant(ctx); err != nil {
		return nil, err
	}
	if err := r.walk(ctx); err != nil {
		return nil, err
	}
	if err := r.deleteMissing(ctx); err != nil {
		return nil, err
	}
	if err := noteSync(ctx); err != nil {
		return nil, err
	}
	r.resp.Seen = r.count()
	rlog.Info("users synced with Logto", "seen", r.resp.Seen, "changed", r.resp.Changed, "deleted", r.resp.Deleted,
		"duration", time.Since(start).Round(time.Millisecond).String())
	return &r.resp, nil
}

// begin notes when the run began. It ends soon if the database doesn't answer.
func (r *syncRun) begin(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, syncStepTimeout)
	defer cancel()
	return db.QueryRow(ctx, `SELECT now()`).Scan(&r.began)
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

const (
	// clockMargin is by how much less than the time of asking the answer is
	// taken to be of: Logto's clock may be behind.
	clockMargin = time.Minute
	// syncStepTimeout bounds one transaction of a sync.
	syncStepTimeout = 15 * time.Second
)

// take makes rows follow what Logto answered, when asked after asOf.
func (r *syncRun) take(ctx context.Context, users []logtoUser, asOf time.Time) error {
	var states []state
	for _, u := range users {
		s, err := u.current(time.Now())
		if err != nil {
			rlog.Warn("sync leaves a user as they are", "logto_id", fmt.Sprintf("%.40q", u.ID), "reason", err)
			r.others[u.ID] = true
			continue
		}
		states = append(states, s)
	}
	if states == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, syncStepTimeout)
	defer cancel()
	return inTransaction(ctx, func(tx *sqldb.Tx) ([]string, error) {
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

// person is somebody with a row.
type person struct {
	id      int64
	logtoID string
}

// deleteMissing marks those as deleted who were not met in Logto, and whom Logto
// doesn't know when asked for. Nobody is taken for deleted for want of an answer.
func (r *syncRun) deleteMissing(ctx context.Context) error {
	const batch = 1000
	for after := int64(0); ; {
		people, err := r.known(ctx, after, batch)
		if err != nil {
			return err
		}
		for _, p := range people {
			if met := r.seen.has(p.id) || r.others[p.logtoID]; !met {
				if err := r.askFor(ctx, p.logtoID); err != nil {
					return err
				}
			}
			after = p.id
		}
		if len(people) < batch {
			return nil
		}
	}
}

// askFor makes the row of somebody who was not met follow what Logto says.
func (r *syncRun) askFor(ctx context.Context, logtoID string) error {
	asOf := time.Now().Add(-clockMargin)
	u, err := r.api.user(ctx, logtoID)
	if errors.Is(err, errNoSuchUser) {
		return r.bury(ctx, logtoID)
	} else if err != nil {
		return err
	}
	return r.take(ctx, []logtoUser{*u}, asOf)
}

// known returns the next ones of those who had a row when the run began and
// aren't deleted.
func (r *syncRun) known(ctx context.Context, after int64, limit int) (people []person, err error) {
	ctx, cancel := context.WithTimeout(ctx, syncStepTimeout)
	defer cancel()
	rows, err := db.Query(ctx, `
		SELECT id, logto_id FROM users
		WHERE id > $1 AND created_at < $2 AND deleted_at IS NULL
		ORDER BY id LIMIT $3
	`, after, r.began, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var p person
		if err := rows.Scan(&p.id, &p.logtoID); err != nil {
			return nil, err
		}
		people = append(people, p)
	}
	return people, rows.Err()
}

func (r *syncRun) bury(ctx context.Context, logtoID string) error {
	ctx, cancel := context.WithTimeout(ctx, syncStepTimeout)
	defer cancel()
	return inTransaction(ctx, func(tx *sqldb.Tx) ([]string, error) {
		buried, err := bury(ctx, tx, logtoID)
		r.resp.Deleted += len(buried)
		return buried, err
	})
}
