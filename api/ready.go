package api

import (
	"context"
	"slices"
	"sync"
	"time"

	"encore.dev/beta/errs"

	"encore.app/auth"
	"encore.app/internal/fault"
	"encore.app/users"
)

// checks return an error if a service isn't ready. They stop when their context ends.
var checks = map[string]func(context.Context) error{
	"auth":  func(ctx context.Context) error { return auth.Ready(ctx) },
	"users": func(ctx context.Context) error { return users.Ready(ctx) },
}

//encore:service
type Service struct{ readiness *readiness }

func initService() (*Service, error) {
	return &Service{newReadiness(checks)}, nil
}

type ReadyResponse struct {
	// Message is "ready".
	Message string `json:"message" trace:"always the same"`
}

// NotReady names the services that aren't ready.
type NotReady struct {
	fault.RetryAfter
	Services []string `json:"not_ready"`
}

// Ready tells a load balancer whether this instance can serve. It returns
// errs.Unavailable with NotReady if a database can't be reached or the identity
// provider's keys have never been fetched. The answer is up to a second old.
//
//encore:api public sensitive method=GET path=/api/ready
func (s *Service) Ready(ctx context.Context) (*ReadyResponse, error) {
	if services := s.readiness.notReady(ctx); len(services) > 0 {
		return nil, &errs.Error{
			Code:    errs.Unavailable,
			Message: "not ready: try again in a moment",
			Details: NotReady{fault.RetryAfter{RetryAfter: 1}, services},
		}
	}
	return &ReadyResponse{Message: "ready"}, nil
}

const (
	readyTimeout = time.Second
	// readyInterval is how long the result is cached.
	readyInterval = time.Second
)

// readiness runs the checks, at most once per readyInterval.
type readiness struct {
	checks map[string]func(context.Context) error

	lock      chan struct{} // guards the fields below
	checkedAt time.Time
	result    []string
}

func newReadiness(checks map[string]func(context.Context) error) *readiness {
	return &readiness{checks: checks, lock: make(chan struct{}, 1)}
}

// notReady returns the names of the services that aren't ready.
func (r *readiness) notReady(ctx context.Context) []string {
	r.lock <- struct{}{}
	defer func() { <-r.lock }()
	if r.checkedAt.IsZero() || time.Since(r.checkedAt) >= readyInterval {
		// Other callers get this result too, so it must not depend on this context.
		r.result = r.checkAll(context.WithoutCancel(ctx))
		r.checkedAt = time.Now() // after the checks, so that waiting callers don't repeat them
	}
	return r.result
}

func (r *readiness) checkAll(ctx context.Context) []string {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	var (
		running sync.WaitGroup
		mu      sync.Mutex
		failed  []string
	)
	for name, ready := range r.checks {
		running.Go(func() {
			if ready(ctx) != nil {
				mu.Lock()
				defer mu.Unlock()
				failed = append(failed, name)
			}
		})
	}
	running.Wait()
	slices.Sort(failed)
	return failed
}
