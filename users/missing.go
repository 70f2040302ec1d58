package users

import (
	"context"
	"errors"
	"fmt"
	"time"

	"encore.dev/storage/sqldb"
)

// A sync that would delete more than fewDeletions people, and more than one in
// deletionShare of those known here, deletes nobody: it is likelier that
// something is wrong with Logto.
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

// deleteMissing marks those as deleted who were not met in Logto, and whom Logto
// doesn't know when asked for. Nobody is taken for deleted for want of an answer.
// It returns *manyMissing, and has deleted nobody, if they are too many.
func (r *syncRun) deleteMissing(ctx context.Context) error {
	known, unmet := 0, 0
	err := r.eachKnown(ctx, func(people []person) error {
		known += len(people)
		for _, p := range people {
			if !r.met(p) {
				unmet++
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
	// Those on none of Logto's pages may be among the unmet. All others of these
	// are missing, without asking for each.
	if missing := unmet - r.unlisted; missing > limit {
		return &manyMissing{missing, known}
	}
	missing, err := r.missing(ctx, known, limit)
	if err != nil {
		return err
	}
	return r.delete(ctx, missing)
}

// met reports whether somebody was met in Logto.
func (r *syncRun) met(p person) bool { return r.seen.has(p.id) || r.others[p.logtoID] }

// missing asks Logto for everybody who was not met, and returns the ids of those
// who are missing. If they are more than limit it returns *manyMissing at once.
func (r *syncRun) missing(ctx context.Context, known, limit int) (missing idSet, err error) {
	count := 0
	err = r.eachKnown(ctx, func(people []person) error {
		for _, p := range people {
			if r.met(p) {
				continue
			}
			asOf := time.Now().Add(-clockMargin)
			u, err := r.api.user(ctx, p.logtoID)
			switch {
			case err == nil:
				err = r.take(ctx, []logtoUser{*u}, asOf)
			case errors.Is(err, errNoSuchUser):
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
	return r.eachKnown(ctx, func(people []person) error {
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
			buried, err := bury(ctx, tx, logtoIDs...)
			r.resp.Deleted += len(buried)
			return buried, err
		})
	})
}

// person is somebody with a row.
type person struct {
	id      int64
	logtoID string
}

// eachKnown goes through those who had a row when the run began and aren't
// deleted, some at a time.
func (r *syncRun) eachKnown(ctx context.Context, do func([]person) error) error {
	const batch = 1000
	for after := int64(0); ; {
		var people []person
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

// known returns the next ones of them.
func (r *syncRun) known(ctx context.Context, tx *sqldb.Tx, after int64, limit int) (people []person, err error) {
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
		var p person
		if err := rows.Scan(&p.id, &p.logtoID); err != nil {
			return nil, err
		}
		people = append(people, p)
	}
	return people, rows.Err()
}
