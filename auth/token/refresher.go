package token

import (
	"context"
	"sync"
	"time"
)

const (
	// refreshInterval is how often the keys are fetched without any need, so
	// that one the provider has withdrawn goes here too.
	refreshInterval = 10 * time.Minute
	// fetchInterval is the least time between two fetches. It is also how soon
	// a failed one is tried again.
	fetchInterval = time.Second
)

// refresher fetches the keys from time to time, and when somebody waits for it,
// at most once per second.
type refresher struct {
	load   func(context.Context) error
	notify func(error)

	mu        sync.Mutex
	current   *fetch // nil if there is none under way
	next      *fetch // has not begun
	wanted    chan struct{}
	waiting   int
	failures  int       // fetches that failed since the last one succeeded
	fetchedAt time.Time // the last one succeeded
}

// fetch is one of the fetches, which have numbers that follow one another.
type fetch struct {
	number int
	done   chan struct{}
	err    error // is there when it is done
}

func newFetch(number int) *fetch {
	return &fetch{number: number, done: make(chan struct{})}
}

func newRefresher(load func(context.Context) error, notify func(error)) *refresher {
	return &refresher{load: load, notify: notify, next: newFetch(1), wanted: make(chan struct{}, 1)}
}

// run fetches until ctx is done.
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
		case <-r.wanted:
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
	case <-r.wanted: // this is the one
	default:
	}
	return r.current
}

// end tells those who wait, and those who want to know, how a fetch ended.
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

// begun returns the number of the last fetch that has begun.
func (r *refresher) begun() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.next.number - 1
}

// wait waits for the fetch under way, or else for the next, and returns its
// number.
//
// It returns ErrKeysUnavailable if fetching fails or no fetch has succeeded yet,
// ErrBusy if too many wait, and else the cause of the context's end.
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
	case r.failures > 0: // it is tried again anyway
		return nil, ErrKeysUnavailable
	case r.waiting >= maxWaiting:
		return nil, ErrBusy
	}
	r.waiting++
	if r.current != nil {
		return r.current, nil
	}
	select {
	case r.wanted <- struct{}{}:
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
