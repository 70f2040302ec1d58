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

// contactTimeout bounds the first contact with Logto, so that the caller of a sync
// learns soon that Logto can't be reached.
const contactTimeout = 5 * time.Second

// syncRun is a run of Sync.
type syncRun struct {
	api   *logto.Management
	lease syncLease
	seen  idSet // of those who have a row
	// others were seen too. They have no row because they are forgotten, or a state
	// that can't be stored.
	others map[string]bool
	// unlisted is how many people in Logto were on none of its pages.
	unlisted int
	pages    int
	resp     SyncResponse
}

// syncWith returns errSyncing if another run is under way, and *manyMissing if it
// deleted nobody.
func syncWith(ctx context.Context, api *logto.Management) (*SyncResponse, error) {
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

// contact checks that Logto can be reached and is the right one.
func (r *syncRun) contact(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, contactTimeout)
	defer cancel()
	return checkTenant(ctx, r.api)
}

// count is the number of people seen.
func (r *syncRun) count() int { return r.seen.len() + len(r.others) }

// walk reads all pages of people in Logto, and again as long as it sees more of
// them. People who were created at the same instant, as by an import into Logto's
// database, come in no fixed order, so the pages may leave some of them out.
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

// walkPages reads all pages once. The list has the newest people first, and changes
// meanwhile. Somebody new moves others down to pages that are still to come: these
// are seen twice. Somebody deleted moves others up to pages that were read already:
// then it goes back. It returns how many people there are.
func (r *syncRun) walkPages(ctx context.Context) (total int, err error) {
	before := 0
	for page := 1; ; {
		asOf := time.Now().Add(-clockMargin)
		users, total, err := r.api.Users(ctx, page)
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
			// One page more: Logto reads the page and the number one after the other.
			page = max(1, page-(gone+logto.PageSize-1)/logto.PageSize-1)
		case len(users) == 0 || page*logto.PageSize >= total:
			return total, nil
		default:
			page++
		}
		before = total
	}
}

// clockMargin is how far Logto's clock may be behind this machine's: an answer
// counts as that much older than the question.
const clockMargin = time.Minute

var leftAsTheyAre = fault.NewLines(rlog.Warn)

// take writes what Logto answered after asOf into the rows.
func (r *syncRun) take(ctx context.Context, users []logto.User, asOf time.Time) error {
	var states []logto.State
	for _, u := range users {
		s, err := u.CurrentState(time.Now())
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

// A sync that would delete more than fewDeletions people, and more than one in
// deletionShare of those who have a row, deletes nobody: probably something is wrong
// with Logto.
const (
	fewDeletions  = 20
	deletionShare = 10
)

// manyMissing says that a sync deleted nobody, since too many are missing.
type manyMissing struct {
	missing int // at least
	known   int
}

func (m *manyMissing) Error() string {
	return fmt.Sprintf("nobody was deleted: Logto doesn't know %d or more of the %d people here. "+
		"If they are to be deleted, see docs/webhooks.md", m.missing, m.known)
}

// deleteMissing makes tombstones of those who were not seen in Logto, and whom Logto
// doesn't know when asked for them one by one. Without an answer nobody is deleted.
// If they are too many it returns *manyMissing and has deleted nobody.
func (r *syncRun) deleteMissing(ctx context.Context) error {
	known, unseen := 0, 0
	err := r.eachKnown(ctx, func(people []knownPerson) error {
		known += len(people)
		for _, p := range people {
			if !r.saw(p) {
				unseen++
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	limit := max(fewDeletions, known/deletionShare)
	if r.lease.manyDeletions {
		limit = known
	}
	// Those on none of Logto's pages may be among the unseen. The others are
	// certainly missing.
	if missing := unseen - r.unlisted; missing > limit {
		return &manyMissing{missing, known}
	}
	missing, err := r.missing(ctx, known, limit)
	if err != nil {
		return err
	}
	return r.delete(ctx, missing)
}

// saw reports whether somebody was seen in Logto.
func (r *syncRun) saw(p knownPerson) bool { return r.seen.has(p.id) || r.others[p.logtoID] }

// missing asks Logto for everybody who was not seen, and returns the ids of those
// whom it doesn't know. If they are more than limit it returns *manyMissing at once.
func (r *syncRun) missing(ctx context.Context, known, limit int) (missing idSet, err error) {
	count := 0
	err = r.eachKnown(ctx, func(people []knownPerson) error {
		for _, p := range people {
			if r.saw(p) {
				continue
			}
			asOf := time.Now().Add(-clockMargin)
			u, err := r.api.User(ctx, p.logtoID)
			switch {
			case err == nil:
				err = r.take(ctx, []logto.User{*u}, asOf)
			case errors.Is(err, logto.ErrNoSuchUser):
				missing.add(p.id)
				err = nil
				if count++; count > limit {
					err = &manyMissing{count, known}
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

// delete makes tombstones of the rows with the ids.
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

// knownPerson is somebody with a row.
type knownPerson struct {
	id      int64
	logtoID string
}

// eachKnown goes through those who had a row when the run began and aren't
// deleted, some at a time.
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

// known returns the next of them after an id.
func (r *syncRun) known(ctx context.Context, tx *sqldb.Tx, after int64, limit int) (people []knownPerson, err error) {
	rows, err := tx.Query(ctx, `
		SELECT id, logto_id FROM users
		WHERE id > $1 AND created_at < $2 AND deleted_at IS NULL
		ORDER BY id LIMIT $3
	`, after, r.lease.began, limit)
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

// idSet is a set of internal ids. These are given out in order, so that a bit
// for each takes little memory: 12 KiB for 100,000 people.
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
