package auth

import (
	"context"
	"sync"
	"time"

	"encore.dev/metrics"

	"encore.app/auth/token"
)

// What the metrics mean, and when to worry, is in docs/operations.md.

// VerificationLabels are the labels of token_verifications_total.
type VerificationLabels struct {
	// Outcome is "accepted", "remembered", "rejected", "busy" or "unavailable".
	Outcome string
	// Reason is why the token was rejected. It is empty for other outcomes.
	Reason string
}

// LockedOutLabels are the labels of locked_out_total.
type LockedOutLabels struct {
	// Reason is "suspended" or "deleted".
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

// measure calls Measure: Encore drops what is measured outside of a request. It is
// set here because Measure refers to initService, which must not refer to itself.
var measure func(context.Context)

func init() {
	measure = func(ctx context.Context) { _ = Measure(ctx) } // which returns none
}

// measured is what has been counted so far of what the verifier counts by itself.
type measured struct {
	mu       sync.Mutex
	verifier token.VerifierStats
}

// Measure sets the gauges, and counts the tokens that were accepted since it was
// last called. For those the call that carries them has no time.
//
//encore:api private
func (s *Service) Measure(context.Context) error {
	s.measured.mu.Lock()
	before, verifier := s.measured.verifier, s.verifier.Stats()
	s.measured.verifier = verifier
	s.measured.mu.Unlock()
	verifications.With(VerificationLabels{Outcome: "accepted"}).Add(verifier.Accepted - before.Accepted)
	verifications.With(VerificationLabels{Outcome: "remembered"}).Add(verifier.Recalled - before.Recalled)
	// A counter is exported once it has a value. Without 0 the first event would be missed.
	verifications.With(VerificationLabels{Outcome: "busy"}).Add(0)
	verifications.With(VerificationLabels{Outcome: "unavailable"}).Add(0)
	verificationsWaiting.Set(int64(verifier.Waiting))
	tokensRemembered.Set(int64(verifier.Remembered))
	peopleRemembered.Set(int64(s.people.len()))

	keys := s.keys.Stats()
	keyFetchFailures.Set(int64(keys.Failures))
	if !keys.FetchedAt.IsZero() {
		keySetAge.Set(time.Since(keys.FetchedAt).Seconds())
	}
	return nil
}

// countLockedOut counts a call that was refused because of who makes it.
func countLockedOut(err error) {
	switch err {
	case errSuspended:
		lockedOut.With(LockedOutLabels{"suspended"}).Increment()
	case errDeleted:
		lockedOut.With(LockedOutLabels{"deleted"}).Increment()
	}
}

// len returns about how many people are remembered.
func (p *people) len() int { return p.known.EstimatedSize() }
