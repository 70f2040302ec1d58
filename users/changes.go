package users

import (
	"context"
	"sync"
	"time"

	"encore.dev/rlog"

	"encore.app/internal/fault"
)

const (
	maxChanges       = 1000 // per response
	maxChangesWait   = time.Second
	wakeTimeout      = 100 * time.Millisecond // how long a change waits for its readers
	changesRetention = time.Hour
	pruneInterval    = 10 * time.Minute
)

type ChangesParams struct {
	// After is the Position of the previous response. 0 starts at the newest change.
	After            int64
	WaitMilliseconds int
}

type ChangesResponse struct {
	// LogtoIDs are the people who were suspended, reinstated, deleted or forgotten.
	LogtoIDs []string `trace:"the user id, which Encore records for every call"`
	Position int64    // the After of the next call
	// Missed means that changes may be missing, because After is 0 or too old. The
	// reader must drop everything it has cached about people.
	Missed bool
	// More means that more changes can be read without waiting.
	More bool
}

// Changes returns the people whose access changed after a position in the change log. A
// reader that caches responses of Ensure polls it: a cached response was still correct
// when the call began, unless the person is in LogtoIDs. It returns errs.Unavailable if
// the database can't be reached.
//
//encore:api private
func Changes(ctx context.Context, p *ChangesParams) (*ChangesResponse, error) {
	round := readers.join()
	defer readers.leave(round)

	resp, err := changesAfter(ctx, p.After)
	if err != nil || resp.Missed || len(resp.LogtoIDs) > 0 {
		return resp, err
	}
	wait := time.NewTimer(min(time.Duration(p.WaitMilliseconds)*time.Millisecond, maxChangesWait))
	defer wait.Stop()
	select {
	case <-round.ended:
		return changesAfter(ctx, p.After)
	case <-wait.C:
	case <-ctx.Done():
	}
	return resp, nil
}

func changesAfter(ctx context.Context, after int64) (*ChangesResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, fault.QueryTimeout)
	defer cancel()
	resp, err := readChanges(ctx, after)
	if err != nil {
		return nil, fault.Database(ctx, "read changes", err)
	}
	return resp, nil
}

func readChanges(ctx context.Context, after int64) (*ChangesResponse, error) {
	// Rows are deleted oldest first: if the last row read still exists, so do all
	// later ones. It may be missing after a failover to a replica that lagged behind.
	rows, err := db.Query(ctx, `SELECT id, logto_id FROM changes WHERE id >= $1 ORDER BY id LIMIT $2`, after, maxChanges+1)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	resp := &ChangesResponse{Position: after, Missed: true}
	for first := true; rows.Next(); first = false {
		var id int64
		var logtoID string
		if err := rows.Scan(&id, &logtoID); err != nil {
			return nil, err
		}
		if first && id != after {
			break
		}
		resp.Missed = false
		if !first {
			resp.LogtoIDs = append(resp.LogtoIDs, logtoID)
			resp.Position = id
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	resp.More = len(resp.LogtoIDs) == maxChanges
	if resp.Missed {
		err = db.QueryRow(ctx, `SELECT COALESCE(max(id), 0) FROM changes`).Scan(&resp.Position)
	}
	return resp, err
}

// readers are this instance's calls of Changes. A change made on this instance wakes
// them, so that it doesn't wait for the next poll.
var readers = &readerRounds{current: newReaderRound(0)}

// readerRounds groups readers by the last change they were woken by.
type readerRounds struct {
	mu      sync.Mutex
	current *readerRound
}

type readerRound struct {
	readers  int           // active readers
	ended    chan struct{} // closed by the next change
	pending  int           // readers of the previous round that have not called again
	returned chan struct{} // closed when pending reaches 0
}

func newReaderRound(pending int) *readerRound {
	r := &readerRound{ended: make(chan struct{}), pending: pending, returned: make(chan struct{})}
	if pending == 0 {
		close(r.returned)
	}
	return r
}

func (r *readerRounds) join() *readerRound {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.current.readers++
	if r.current.pending--; r.current.pending == 0 {
		close(r.current.returned)
	}
	return r.current
}

func (r *readerRounds) leave(round *readerRound) {
	r.mu.Lock()
	defer r.mu.Unlock()
	round.readers--
}

// wake ends the current round, so that its readers read the change. It waits up to
// wakeTimeout until they have called again and so have dropped what they had cached.
func (r *readerRounds) wake() {
	r.mu.Lock()
	ended := r.current.ended
	r.current = newReaderRound(r.current.readers)
	returned := r.current.returned
	r.mu.Unlock()
	close(ended)
	select {
	case <-returned:
	case <-time.After(wakeTimeout):
	}
}

func pruneChanges(ctx context.Context) {
	if err := deleteOldChanges(ctx); err != nil && ctx.Err() == nil {
		rlog.Warn("old changes can't be deleted, trying again later", "err", err)
	}
}

// deleteOldChanges deletes all but the newest of the changes older than
// changesRetention: a reader's position is the id of a row, so one must exist.
func deleteOldChanges(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, fault.QueryTimeout)
	defer cancel()
	_, err := db.Exec(ctx, `
		DELETE FROM changes
		WHERE id < (SELECT max(id) FROM changes WHERE changed_at < now() - $1 * INTERVAL '1 second')
	`, changesRetention.Seconds())
	return err
}
