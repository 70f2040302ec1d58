package users

import (
	"context"
	"sync"
	"time"

	"encore.dev/rlog"

	"encore.app/internal/fault"
)

const (
	// maxChanges is how many changes one answer has.
	maxChanges = 1000
	// maxChangesWait bounds how long a reader can wait for changes.
	maxChangesWait = time.Second
	// wakeTimeout bounds how long a change waits for those who read it.
	wakeTimeout = 100 * time.Millisecond
	// changesKept is how long a change can be read.
	changesKept = time.Hour
	// pruneInterval is how often older ones are deleted.
	pruneInterval = 10 * time.Minute
)

// ChangesParams are the parameters of Changes.
type ChangesParams struct {
	// After is the Position of the answer before, or 0 to begin.
	After int64
	// WaitMilliseconds is how long to wait if there are no changes yet.
	WaitMilliseconds int
}

// ChangesResponse is the answer of Changes.
type ChangesResponse struct {
	// LogtoIDs are the people who were locked out, let in again or forgotten.
	LogtoIDs []string `trace:"the user id, which Encore notes of each call"`
	// Position is what to ask for changes after the next time.
	Position int64
	// Missed says that there may have been other changes: After is 0 or too long
	// ago. The reader must forget everything it remembers of people.
	Missed bool
	// More says that there are more changes already.
	More bool
}

// Changes returns who was locked out, let in again or forgotten after a position
// in the change log. Whoever remembers answers of Ensure calls it all the time: an
// answer from before the call, of somebody who is not in the response, was still
// true when the call began.
//
// It returns errs.Unavailable if the database can't be reached.
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
	case <-round.over:
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
	// Rows are deleted oldest first. So if the one read last is still there, all
	// after it are. After a failover to a replica that was behind it may be missing.
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

// readers are the calls of Changes on this instance. They are woken by a change
// made here, so that it need not wait for the next poll.
var readers = &readerRounds{current: newReaderRound(0)}

// readerRounds divides the readers into those who began before a change and those
// after it.
type readerRounds struct {
	mu      sync.Mutex
	current *readerRound
}

type readerRound struct {
	readers int           // who are reading
	over    chan struct{} // closed by a change
	missing int           // readers of the round before who are not back
	back    chan struct{} // closed when they are
}

func newReaderRound(missing int) *readerRound {
	r := &readerRound{over: make(chan struct{}), missing: missing, back: make(chan struct{})}
	if missing == 0 {
		close(r.back)
	}
	return r
}

// join counts the caller as a reader, until they leave.
func (r *readerRounds) join() *readerRound {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.current.readers++
	if r.current.missing--; r.current.missing == 0 {
		close(r.current.back)
	}
	return r.current
}

func (r *readerRounds) leave(round *readerRound) {
	r.mu.Lock()
	defer r.mu.Unlock()
	round.readers--
}

// wake makes those who read read once more. It waits until as many are back with
// their next question, but not for long: a call that changes something is answered
// when this instance has forgotten what it remembered.
func (r *readerRounds) wake() {
	r.mu.Lock()
	over := r.current.over
	r.current = newReaderRound(r.current.readers)
	back := r.current.back
	r.mu.Unlock()
	close(over)
	select {
	case <-back:
	case <-time.After(wakeTimeout):
	}
}

// pruneChanges deletes old changes.
func pruneChanges(ctx context.Context) {
	if err := deleteOldChanges(ctx); err != nil && ctx.Err() == nil {
		rlog.Warn("old changes can't be deleted, trying again later", "err", err)
	}
}

// deleteOldChanges keeps the newest of the old changes: there is always a row, and
// all after a row that is there.
func deleteOldChanges(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, fault.QueryTimeout)
	defer cancel()
	_, err := db.Exec(ctx, `
		DELETE FROM changes
		WHERE id < (SELECT max(id) FROM changes WHERE changed_at < now() - $1 * INTERVAL '1 second')
	`, changesKept.Seconds())
	return err
}
