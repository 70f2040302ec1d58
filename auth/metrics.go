package auth

import (
	"context"
	"sync"
	"time"

	"encore.dev/metrics"

	"encore.app/auth/token"
)

// docs/operations.md explains the metrics.

// VerificationLabels are the labels of token_verifications_total.
type VerificationLabels struct {
	// Outcome is "accepted", "remembered", "rejected", "busy" or "unavailable".
	Outcome string
	Reason  string
}

// LockedOutLabels are the labels of locked_out_total.
type LockedOutLabels struct {
	Reason string
}

var (
	verifications        = metrics.NewCounterGroup[VerificationLabels, uint64]("token_verifications_total", metrics.CounterConfig{})
	verificationsWaiting = metrics.NewGauge[int64]("token_verifications_waiting", metrics.GaugeConfig{})
	tokensRemembered     = metrics.NewGauge[int64]("tokens_remembered", metrics.GaugeConfig{})
	peopleRemembered     = metrics.NewGauge[int64]("people_remembered", metrics.GaugeConfig{})
	keySetAge            = metrics.NewGauge[float64]("key_set_age_seconds", metrics.GaugeConfig{})
	keyFetchFailures     = metrics.NewGauge[int64]("key_fetch_failures", metrics.GaugeConfig{})
	lockedOut            = metrics.NewCounterGroup[LockedOutLabels, uint64]("locked_out_total", metrics.CounterConfig{})
)

// measure calls Measure, because Encore drops metrics set outside a request. A direct
// call would be an initialization cycle.
var measure func(context.Context)

func init() {
	measure = func(ctx context.Context) { _ = Measure(ctx) } // it never fails
}

type measured struct {
	mu       sync.Mutex
	verifier token.VerifierStats
}

// Measure sets the gauges and adds the tokens accepted since its last call. Doing
// that for each token would slow down every request.
//
//encore:api private
func (s *Service) Measure(context.Context) error {
	s.measured.mu.Lock()
	before, verifier := s.measured.verifier, s.verifier.Stats()
	s.measured.verifier = verifier
	s.measured.mu.Unlock()
	verifications.With(VerificationLabels{Outcome: "accepted"}).Add(verifier.Accepted - before.Accepted)
	verifications.With(VerificationLabels{Outcome: "remembered"}).Add(verifier.CacheHits - before.CacheHits)
	// Export these counters from the start, so that the first event shows as an
	// increase.
	verifications.With(VerificationLabels{Outcome: "busy"}).Add(0)
	verifications.With(VerificationLabels{Outcome: "unavailable"}).Add(0)
	verificationsWaiting.Set(int64(verifier.Waiting))
	tokensRemembered.Set(int64(verifier.CacheSize))
	peopleRemembered.Set(int64(s.people.len()))

	keys := s.keys.Stats()
	keyFetchFailures.Set(int64(keys.Failures))
	if !keys.FetchedAt.IsZero() {
		keySetAge.Set(time.Since(keys.FetchedAt).Seconds())
	}
	return nil
}

func countLockedOut(err error) {
	switch err {
	case errSuspended:
		lockedOut.With(LockedOutLabels{"suspended"}).Increment()
	case errDeleted:
		lockedOut.With(LockedOutLabels{"deleted"}).Increment()
	}
}

func (p *people) len() int { return p.cache.EstimatedSize() }
