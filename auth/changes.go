package auth

import (
	"context"
	"math"
	"sync/atomic"
	"time"

	"encore.app/users"
)

const (
	// trusted is how long the database's word that nobody was locked out is taken
	// to be true. It bounds how long somebody who is locked out can go on.
	trusted = time.Second
	// pollWait is how long one question for changes may be kept waiting. Its answer
	// is of the question's beginning, so it is up to twice as old as this when the
	// next one comes: half of trusted is left for a database that is slow.
	pollWait = 250 * time.Millisecond
	// pollTimeout bounds one question for changes: a later answer proves nothing.
	pollTimeout = trusted
	// pollIdle is how long after the last call no changes are asked for any more.
	pollIdle = 10 * time.Second
)

// changeLog follows the change log of the users service: it has everybody
// forgotten who was locked out, let in again or forgotten there.
type changeLog struct {
	read      func(context.Context, *users.ChangesParams) (*users.ChangesResponse, error)
	forget    func(subject string)
	forgetAll func()

	start time.Time
	// current is when the newest question for changes began that was answered and
	// followed, in nanoseconds since start.
	current atomic.Int64
	// called says that there was a call since that was last looked at.
	called atomic.Bool
	wake   chan struct{}
}

// never is before every other time.
const never = math.MinInt64 / 2

func newChangeLog(forget func(subject string), forgetAll func()) *changeLog {
	c := &changeLog{
		read: func(ctx context.Context, p *users.ChangesParams) (*users.ChangesResponse, error) {
			return users.Changes(ctx, p) // Encore allows an endpoint to be called but not to be a value
		},
		forget:    forget,
		forgetAll: forgetAll,
		start:     time.Now(),
		wake:      make(chan struct{}, 1),
	}
	c.current.Store(never)
	return c
}

// currentAt notes a call, and returns a time, since start, at which all that is
// remembered after this was still true.
func (c *changeLog) currentAt() time.Duration {
	if !c.called.Load() { // so that calls don't all write to the same place
		c.called.Store(true)
		select {
		case c.wake <- struct{}{}:
		default:
		}
	}
	return time.Duration(c.current.Load())
}

// now is the time since start.
func (c *changeLog) now() time.Duration { return time.Since(c.start) }

// run asks for changes until the context ends, as long as there are calls: an
// instance that nobody calls has nothing to ask.
func (c *changeLog) run(ctx context.Context) {
	var position int64
	lastCall := c.now() // the first question tells the position: best before there are calls
	for ctx.Err() == nil {
		if c.called.Swap(false) {
			lastCall = c.now()
		} else if c.now()-lastCall >= pollIdle {
			select {
			case <-c.wake:
			case <-ctx.Done():
			}
			continue
		}
		next, err := c.poll(ctx, position)
		if err == nil {
			position = next
			continue
		}
		select {
		case <-time.After(pollWait):
		case <-ctx.Done():
		}
	}
}

// poll asks for the changes after a position and follows them. It returns the
// next position.
func (c *changeLog) poll(ctx context.Context, position int64) (next int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, pollTimeout)
	defer cancel()
	began := c.now()
	params := &users.ChangesParams{After: position}
	if began-time.Duration(c.current.Load()) < trusted {
		params.WaitMilliseconds = int(pollWait.Milliseconds())
	} // otherwise nothing remembered counts until this is answered
	resp, err := c.read(ctx, params)
	if err != nil {
		return 0, err
	}
	if resp.Missed {
		c.forgetAll()
	}
	for _, subject := range resp.LogtoIDs {
		c.forget(subject)
	}
	if !resp.More {
		c.current.Store(int64(began))
	}
	return resp.Position, nil
}
