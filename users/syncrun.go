package users

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/bits"
	"time"

	"encore.dev/rlog"
	"encore.dev/storage/sqldb"

	"encore.app/internal/fault"
	"encore.app/users/logto"
)

// contactTimeout is short, so that the caller soon learns that Logto is down.
const contactTimeout = 5 * time.Second

type syncRun struct {
	api   *logto.Management
	lease syncLease
	seen  idSet // people with a row
	// others were seen but have no row: they are forgotten, or can't be stored.
	others   map[string]bool
	unlisted int // people in Logto who were on none of its pages
	pages    int
	resp     SyncResponse
}

// syncWith returns errSyncing, or *tooManyMissing if it deleted nobody.
func syncWith(ctx context.Context, api *logto.Management) (*SyncResponse, error) {
	r := &syncRun{api: api, lease: syncLease{owner: rand.Text()}, others: make(map[string]bool)}
	if err := r.lease.acquire(ctx); err != nil {
		return nil, err
	}
	defer r.lease.release(ctx)
	if err := r.contact(ctx); err != nil {
		return nil, err
	}
	if err := r.readUsers(ctx); err != nil {
		return nil, err
	}
	deleteErr := r.deleteMissing(ctx)
	if many := new(tooManyMissing); deleteErr != nil && !errors.As(deleteErr, &many) {
		return nil, deleteErr
	}
	if err := r.lease.complete(ctx); err != nil {
		return nil, err
	}
	r.resp.Seen = r.count()
	return &r.resp, deleteErr
}

func (r *syncRun) contact(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, contactTimeout)
	defer cancel()
	return checkTenant(ctx, r.api)
}

func (r *syncRun) count() int { return r.seen.len() + len(r.others) }

// readUsers reads all pages of people in Logto, again and again until it has seen
// everybody or nobody new. People who were created at the same time, for example by an
// import into Logto's database, are listed in no fixed order and may be on no page.
func (r *syncRun) readUsers(ctx context.Context) error {
	for {
		before := r.count()
		total, err := r.readPages(ctx)
		if err != nil || r.count() >= total {
			return err
		}
		if r.count() == before {
			r.unlisted = total - before
			rlog.Warn("sync of users missed some people: Logto lists people who were created at the same time in no fixed order",
				"seen", before, "of", total)
			return nil
		}
	}
}

// readPages reads all pages once and returns how many people Logto has. The newest come
// first. If people are added meanwhile, others move to later pages and are seen twice.
// If people are deleted, others move to earlier pages: then readPages goes back.
func (r *syncRun) readPages(ctx context.Context) (total int, err error) {
	before := 0
	for page := 1; ; {
		asOf := time.Now().Add(-clockMargin)
		users, total, err := r.api.Users(ctx, page)
		if err != nil {
			return 0, err
		}
		if err := r.store(ctx, users, asOf); err != nil {
			return 0, err
		}
		if r.pages++; r.pages%100 == 0 {
			rlog.Info("syncing users with Logto", "seen", r.count(), "of", total)
		}
		switch gone := before - total; {
		case gone > 0:
			// Go back one page more, because Logto reads the page and the total one after the other.
			page = max(1, page-(gone+logto.PageSize-1)/logto.PageSize-1)
		case len(users) == 0 || page*logto.PageSize >= total:
			return total, nil
		default:
			page++
		}
		before = total
	}
}

// clockMargin is how far Logto's clock may be behind this machine's. An answer counts
// as this much older than the request for it.
const clockMargin = time.Minute

var skippedUsers = fault.NewLines(rlog.Warn)

func (r *syncRun) store(ctx context.Context, users []logto.User, asOf time.Time) error {
	var states []logto.State
	for _, u := range users {
		s, err := u.CurrentState(time.Now())
		if err != nil {
			skippedUsers.Add("sync skips a user", "logto_id", fmt.Sprintf("%.40q", u.ID), "reason", err)
			r.others[u.ID] = true
			continue
		}
		states = append(states, s)
	}
	return r.lease.step(ctx, func(ctx context.Context, tx *sqldb.Tx) ([]string, error) {
		// A cached plan made while the table was small would scan all of it once it
		// has grown.
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

// A sync that would delete more than maxDeletions people, and more than one in
// maxDeletionShare of all, deletes nobody: something is probably wrong with Logto.
const (
	maxDeletions     = 20
	maxDeletionShare = 10
)

// tooManyMissing is the error of a sync that deleted nobody.
type tooManyMissing struct {
	missing int // at least
	known   int
}

func (m *tooManyMissing) Error() string {
	return fmt.Sprintf("nobody was deleted: Logto doesn't know %d or more of the %d people here. "+
		"If they should be deleted, see docs/webhooks.md", m.missing, m.known)
}

// deleteMissing tombstones the people who were not seen and, looked up one by one, don't
// exist in Logto. If a look-up fails or too many are missing, it deletes nobody.
func (r *syncRun) deleteMissing(ctx context.Context) error {
	known, unseen := 0, 0
	err := r.eachKnown(ctx, func(people []knownPerson) error {
		known += len(people)
		for _, p := range people {
			if !r.wasSeen(p) {
				unseen++
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	limit := max(maxDeletions, known/maxDeletionShare)
	if r.lease.manyDeletions {
		limit = known
	}
	// Some of the unseen may exist but be on none of Logto's pages. The rest are missing.
	if missing := unseen - r.unlisted; missing > limit {
		return &tooManyMissing{missing, known}
	}
	missing, err := r.findMissing(ctx, known, limit)
	if err != nil {
		return err
	}
	return r.delete(ctx, missing)
}

func (r *syncRun) wasSeen(p knownPerson) bool { return r.seen.has(p.id) || r.others[p.logtoID] }

// findMissing returns the ids of the people who were not seen and don't exist in Logto.
// If there are more than limit it stops and returns *tooManyMissing.
func (r *syncRun) findMissing(ctx context.Context, known, limit int) (missing idSet, err error) {
	count := 0
	err = r.eachKnown(ctx, func(people []knownPerson) error {
		for _, p := range people {
			if r.wasSeen(p) {
				continue
			}
			asOf := time.Now().Add(-clockMargin)
			u, err := r.api.User(ctx, p.logtoID)
			switch {
			case err == nil:
				err = r.store(ctx, []logto.User{*u}, asOf)
			case errors.Is(err, logto.ErrNoSuchUser):
				missing.add(p.id)
				err = nil
				if count++; count > limit {
					err = &tooManyMissing{count, known}
				}
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	return missing, err
}

func (r *syncRun) delete(ctx context.Context, ids idSet) error {
	return r.eachKnown(ctx, func(people []knownPerson) error {
		var logtoIDs []string
		for _, p := range people {
			if ids.has(p.id) {
				logtoIDs = append(logtoIDs, p.logtoID)
			}
		}
		if logtoIDs == nil {
			return nil
		}
		return r.lease.step(ctx, func(ctx context.Context, tx *sqldb.Tx) ([]string, error) {
			deleted, err := tombstone(ctx, tx, logtoIDs...)
			r.resp.Deleted += len(deleted)
			return deleted, err
		})
	})
}

type knownPerson struct {
	id      int64
	logtoID string
}

// eachKnown calls do with batches of the people who had a row when the sync started.
func (r *syncRun) eachKnown(ctx context.Context, do func([]knownPerson) error) error {
	const batch = 1000
	for after := int64(0); ; {
		var people []knownPerson
		err := r.lease.step(ctx, func(ctx context.Context, tx *sqldb.Tx) (_ []string, err error) {
			people, err = r.known(ctx, tx, after, batch)
			return nil, err
		})
		if err != nil {
			return err
		}
		if err := do(people); err != nil || len(people) < batch {
			return err
		}
		after = people[len(people)-1].id
	}
}

func (r *syncRun) known(ctx context.Context, tx *sqldb.Tx, after int64, limit int) (people []knownPerson, err error) {
	rows, err := tx.Query(ctx, `
		SELECT id, logto_id FROM users
		WHERE id > $1 AND created_at < $2 AND deleted_at IS NULL
		ORDER BY id LIMIT $3
	`, after, r.lease.start, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var p knownPerson
		if err := rows.Scan(&p.id, &p.logtoID); err != nil {
			return nil, err
		}
		people = append(people, p)
	}
	return people, rows.Err()
}

// idSet is a set of internal ids. They are consecutive numbers, so it uses one bit for
// each: 12 KiB for 100,000 people.
type idSet []uint64

func (s *idSet) add(id int64) {
	word := int(id / 64)
	if word >= len(*s) {
		*s = append(*s, make([]uint64, word+1-len(*s))...)
	}
	(*s)[word] |= 1 << (id % 64)
}

func (s idSet) has(id int64) bool {
	word := int(id / 64)
	return word < len(s) && s[word]&(1<<(id%64)) != 0
}

func (s idSet) len() (n int) {
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return n
}
