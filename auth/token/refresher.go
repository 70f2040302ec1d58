package token

import (
	"context"
	"sync"
	"time"
)

const (
	// refreshInterval is how often the keys are fetched without a request for
	// it, so that keys the provider has withdrawn stop working.
	refreshInterval = 10 * time.Minute
	// fetchInterval is the least time between two fetches, also after a failure.
	fetchInterval = time.Second
)

// refresher fetches the keys regularly and on request, at most once per second.
type refresher struct {
	load   func(context.Context) error
	notify func(error)

	mu        sync.Mutex
	current   *fetch // nil if none is running
	next      *fetch // not started yet
	requested chan struct{}
	waiting   int
	failures  int       // since the last success
	fetchedAt time.Time // of the last success
}

type fetch struct {
	number int
	done   chan struct{}
	err    error // set before done is closed
}

func newFetch(number int) *fetch {
	return &fetch{number: number, done: make(chan struct{})}
}

func newRefresher(load func(context.Context) error, notify func(error)) *refresher {
	return &refresher{load: load, notify: notify, next: newFetch(1), requested: make(chan struct{}, 1)}
}

func (r *refresher) run(ctx context.Context) {
	for {
		soonest, latest := time.After(fetchInterval), time.After(refreshInterval)
		f := r.begin()
		f.err = r.load(ctx)
		if ctx.Err() != nil {
			return
		}
		r.end(f)
		select {
		case <-soonest:
		case <-ctx.Done():
			return
		}
		if f.err != nil {
			continue
		}
		select {
		case <-r.requested:
		case <-latest:
		case <-ctx.Done():
			return
		}
	}
}

func (r *refresher) begin() *fetch {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.current, r.next = r.next, newFetch(r.next.number+1)
	select {
	case <-r.requested: // this fetch serves the request
	default:
	}
	return r.current
}

func (r *refresher) end(f *fetch) {
	r.mu.Lock()
	changed := (r.failures > 0) != (f.err != nil)
	if f.err != nil {
		r.failures++
	} else {
		r.failures, r.fetchedAt = 0, time.Now()
	}
	r.current = nil
	r.mu.Unlock()

	close(f.done)
	if changed {
		r.notify(f.err)
	}
}

// lastStarted returns the number of the latest fetch that has started.
func (r *refresher) lastStarted() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.next.number - 1
}

// wait waits for the running fetch, or for the next one if none is running, and
// returns its number.
//
// It returns ErrKeysUnavailable if fetching fails or no fetch has succeeded yet,
// ErrBusy if too many are waiting, and otherwise the cause of the context's end.
func (r *refresher) wait(ctx context.Context) (int, error) {
	f, err := r.join()
	if err != nil {
		return 0, err
	}
	defer r.leave()
	select {
	case <-f.done:
		if f.err != nil {
			return 0, ErrKeysUnavailable
		}
		return f.number, nil
	case <-ctx.Done():
		if r.stats().FetchedAt.IsZero() {
			return 0, ErrKeysUnavailable
		}
		return 0, context.Cause(ctx)
	}
}

func (r *refresher) join() (*fetch, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.failures > 0: // run retries on its own
		return nil, ErrKeysUnavailable
	case r.waiting >= maxWaiting:
		return nil, ErrBusy
	}
	r.waiting++
	if r.current != nil {
		return r.current, nil
	}
	select {
	case r.requested <- struct{}{}:
	default:
	}
	return r.next, nil
}

func (r *refresher) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting--
}

func (r *refresher) stats() KeySetStats {
	r.mu.Lock()
	defer r.mu.Unlock()
	return KeySetStats{FetchedAt: r.fetchedAt, Failures: r.failures}
}
