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

// parts are the services that have to be ready. Each answers soon when its
// context ends. An example adds itself in a file of its own.
var parts = map[string]func(context.Context) error{
	"auth":  func(ctx context.Context) error { return auth.Ready(ctx) },
	"users": func(ctx context.Context) error { return users.Ready(ctx) },
}

// Service remembers whether the application is ready.
//
//encore:service
type Service struct{ readiness *readiness }

func initService() (*Service, error) {
	return &Service{newReadiness(parts)}, nil
}

// ReadyResponse is the answer of Ready.
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
// provider's keys were never fetched. Anybody may ask: the answer is up to a
// second old.
//
//encore:api public sensitive method=GET path=/api/ready
func (s *Service) Ready(ctx context.Context) (*ReadyResponse, error) {
	if missing := s.readiness.missing(ctx); len(missing) > 0 {
		return nil, &errs.Error{
			Code:    errs.Unavailable,
			Message: "not ready: try again in a moment",
			Details: NotReady{fault.RetryAfter{RetryAfter: 1}, missing},
		}
	}
	return &ReadyResponse{Message: "ready"}, nil
}

const (
	// readyTimeout bounds one question to all parts.
	readyTimeout = time.Second
	// readyInterval is how long its answer holds.
	readyInterval = time.Second
)

// readiness asks the parts whether they are ready: one question at a time, and
// at most one per readyInterval, however many want to know.
type readiness struct {
	parts map[string]func(context.Context) error

	asking   chan struct{} // holds an item while answer and answered are in use
	answered time.Time
	answer   []string
}

func newReadiness(parts map[string]func(context.Context) error) *readiness {
	return &readiness{parts: parts, asking: make(chan struct{}, 1)}
}

// missing returns the names of the parts that aren't ready.
func (r *readiness) missing(ctx context.Context) []string {
	r.asking <- struct{}{}
	defer func() { <-r.asking }()
	if r.answered.IsZero() || time.Since(r.answered) >= readyInterval {
		// Others get this answer too, so the client may hang up.
		r.answer = r.ask(context.WithoutCancel(ctx))
		r.answered = time.Now() // not before: who has waited doesn't ask again
	}
	return r.answer
}

func (r *readiness) ask(ctx context.Context) []string {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	var (
		asking  sync.WaitGroup
		mu      sync.Mutex
		missing []string
	)
	for name, ready := range r.parts {
		asking.Go(func() {
			if ready(ctx) != nil {
				mu.Lock()
				defer mu.Unlock()
				missing = append(missing, name)
			}
		})
	}
	asking.Wait()
	slices.Sort(missing)
	return missing
}
