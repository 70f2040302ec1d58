package auth

import (
	"context"
	"math"
	"sync/atomic"
	"time"

	"encore.app/users"
)

const (
	// maxStaleness is how old the information that someone isn't locked out may
	// be. A person who is locked out can go on for at most this long.
	maxStaleness = time.Second
	// pollWait is how long the users service may hold a poll open. The answer shows
	// the state at the start of the poll, so it can be twice this old when the next
	// one arrives. That leaves half of maxStaleness for a slow database.
	pollWait    = 250 * time.Millisecond
	pollTimeout = maxStaleness
	// pollIdle is how long after the last call polling stops.
	pollIdle = 10 * time.Second
)

// changeLog polls the change log of the users service. It invalidates the cached
// data of everyone who was locked out, let in again or deleted.
type changeLog struct {
	read          func(context.Context, *users.ChangesParams) (*users.ChangesResponse, error)
	invalidate    func(subject string)
	invalidateAll func()

	start time.Time
	// syncedAt is when the latest successful poll started, in nanoseconds since
	// start.
	syncedAt atomic.Int64
	called   atomic.Bool
	wake     chan struct{}
}

const never = math.MinInt64 / 2

func newChangeLog(invalidate func(subject string), invalidateAll func()) *changeLog {
	c := &changeLog{
		read: func(ctx context.Context, p *users.ChangesParams) (*users.ChangesResponse, error) {
			return users.Changes(ctx, p) // Encore doesn't allow an endpoint as a value
		},
		invalidate:    invalidate,
		invalidateAll: invalidateAll,
		start:         time.Now(),
		wake:          make(chan struct{}, 1),
	}
	c.syncedAt.Store(never)
	return c
}

// noteCall keeps the polling going. It returns when the latest successful poll started.
func (c *changeLog) noteCall() time.Duration {
	if !c.called.Load() { // a write in every call would cause contention
		c.called.Store(true)
		select {
		case c.wake <- struct{}{}:
		default:
		}
	}
	return time.Duration(c.syncedAt.Load())
}

func (c *changeLog) now() time.Duration { return time.Since(c.start) }

// run polls until the context ends. It pauses while there are no calls.
func (c *changeLog) run(ctx context.Context) {
	var position int64
	lastCall := c.now() // poll at the start, to have a position before the first call
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

// poll applies the changes after a position and returns the next position.
func (c *changeLog) poll(ctx context.Context, position int64) (next int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, pollTimeout)
	defer cancel()
	began := c.now()
	params := &users.ChangesParams{After: position}
	if began-time.Duration(c.syncedAt.Load()) < maxStaleness {
		params.WaitMilliseconds = int(pollWait.Milliseconds())
	} // otherwise the cache can't be used until this poll returns
	resp, err := c.read(ctx, params)
	if err != nil {
		return 0, err
	}
	if resp.Missed {
		c.invalidateAll()
	}
	for _, subject := range resp.LogtoIDs {
		c.invalidate(subject)
	}
	if !resp.More {
		c.syncedAt.Store(int64(began))
	}
	return resp.Position, nil
}
