package faults

import (
	"sync"
	"time"

	"encore.app/e2e/backend"
)

// lockedOutWithin is how soon every instance has to lock out a suspended person.
const lockedOutWithin = time.Second

// suspended is a person with a valid token, who calls all the time while they are
// suspended and reinstated.
type suspended struct {
	*load
	id, token string

	mu sync.Mutex
	// since is when the delivery of the suspension was acknowledged. It is zero
	// while they are not suspended.
	since time.Time

	times, refusals int
}

func (l *load) addSuspended(id, token string) {
	s := &suspended{load: l, id: id, token: token}
	l.suspended = append(l.suspended, s)
	l.running.Go(func() {
		for !l.stopped() {
			s.call()
			time.Sleep(5 * time.Millisecond) // the others need the machine, too
		}
	})
	l.running.Go(s.changes)
}

func (s *suspended) lockedSince() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.since
}

func (s *suspended) lock(since time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.since = since
}

// call must be refused if they were suspended lockedOutWithin before it started, and
// still are when the response comes.
func (s *suspended) call() {
	before, began := s.lockedSince(), time.Now()
	a := s.try(backend.Request{Path: "/users/me", Token: s.token})
	late := !before.IsZero() && began.Sub(before) > lockedOutWithin && s.lockedSince() == before
	switch a.Status {
	case 403:
		s.refusals++
	case 200:
		if late {
			s.fail("somebody suspended got in %s later", began.Sub(before))
		}
	case 0, 429, 503:
		time.Sleep(pollInterval) // as a client does
	default:
		s.fail("status %d: %s", a.Status, a.Body)
	}
}

func (s *suspended) changes() {
	for !s.stopped() {
		s.deliver(true)
		s.lock(time.Now())
		s.times++
		s.wait(2 * lockedOutWithin) // time to get in wrongly

		s.lock(time.Time{})
		s.deliver(false)
		s.wait(lockedOutWithin)
	}
}

func (s *suspended) wait(d time.Duration) {
	select {
	case <-time.After(d):
	case <-s.stop:
	}
}

func (s *suspended) deliver(suspended bool) {
	r := delivery(suspension(s.id, suspended, time.Now()))
	for s.try(r).Status != 204 {
		time.Sleep(pollInterval)
	}
}
