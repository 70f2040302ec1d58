package token

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/time/rate"
)

// signatureTime is the simulated time of a signature check.
const signatureTime = 400 * time.Microsecond

// pass simulates one verification.
func (g *gate) pass(ctx context.Context, accepted bool) error {
	if err := g.enter(ctx); err != nil {
		return err
	}
	time.Sleep(signatureTime)
	if accepted {
		g.leave(0)
	} else {
		g.leave(signatureTime)
	}
	return nil
}

// Forged tokens get only their share of the CPU time, and new valid ones are accepted.
func TestGate_Flood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		ctx, stop := context.WithCancel(t.Context())
		var flood sync.WaitGroup
		var rejected atomic.Int64
		for range 64 {
			flood.Go(func() {
				for ctx.Err() == nil {
					if g.pass(ctx, false) == nil {
						rejected.Add(1)
					}
				}
			})
		}
		began := time.Now()
		for range 100 {
			time.Sleep(100 * time.Millisecond)
			arrived := time.Now()
			if err := g.pass(t.Context(), true); err != nil {
				t.Errorf("new token: %v", err)
			}
			if waited := time.Since(arrived); waited > time.Second {
				t.Errorf("new token waited %v", waited)
			}
		}
		stop()
		flood.Wait()
		share := time.Since(began)*time.Duration(runtime.GOMAXPROCS(0))/rejectedShare + rejectedBurst
		if spent := time.Duration(rejected.Load()) * signatureTime; spent > share*11/10 || spent < share/2 {
			t.Errorf("%v were spent on forged tokens, want %v at most", spent, share)
		}
	})
}

// After a restart all tokens are new.
func TestGate_AcceptedTokensAreNotLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		began := time.Now()
		for range 10_000 {
			if err := g.pass(t.Context(), true); err != nil {
				t.Fatal(err)
			}
		}
		if took, want := time.Since(began), 10_000*signatureTime; took != want {
			t.Errorf("took %v, want %v", took, want)
		}
	})
}

func TestGate_WaitLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		slots := max(1, runtime.GOMAXPROCS(0)/2)
		for range slots {
			if err := g.enter(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		queue := func(ctx context.Context, want error) *sync.WaitGroup {
			var waiters sync.WaitGroup
			for range maxWaiting {
				waiters.Go(func() {
					if err := g.enter(ctx); !errors.Is(err, want) {
						t.Errorf("err = %v, want %v", err, want)
					}
				})
			}
			synctest.Wait()
			if err := g.enter(t.Context()); !errors.Is(err, ErrBusy) {
				t.Errorf("queue is full: err = %v, want ErrBusy", err)
			}
			return &waiters
		}
		ctx, cancel := context.WithCancel(t.Context())
		waiters := queue(ctx, context.Canceled)
		cancel()
		waiters.Wait()

		began := time.Now()
		queue(t.Context(), ErrBusy).Wait()
		if waited := time.Since(began); waited != maxWait {
			t.Errorf("waited %v, want %v", waited, maxWait)
		}

		for range slots {
			g.leave(0)
		}
		for range slots {
			if err := g.enter(t.Context()); err != nil {
				t.Errorf("a slot is lost: %v", err)
			}
		}
	})
}

// A canceled caller at the head of the queue doesn't keep its slot.
func TestGate_CanceledWithoutBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		g.budget.SetLimit(rate.Every(time.Millisecond)) // a thousandth of one core
		for range 2 {
			if err := g.enter(t.Context()); err != nil {
				t.Fatal(err)
			}
			g.leave(rejectedBurst - time.Microsecond)
		}
		if err := g.enter(t.Context()); !errors.Is(err, ErrBusy) {
			t.Errorf("no budget for long: err = %v, want ErrBusy", err)
		}
		time.Sleep(49 * time.Second)
		ctx, cancel := context.WithCancel(t.Context())
		var waiter sync.WaitGroup
		waiter.Go(func() {
			if err := g.enter(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("err = %v, want %v", err, context.Canceled)
			}
		})
		synctest.Wait()
		cancel()
		waiter.Wait()
		if err := g.enter(t.Context()); err != nil {
			t.Errorf("with budget again: %v", err)
		}
	})
}

func TestVerify_RejectedTokensUseBudget(t *testing.T) {
	s, other := newSigner(t, "k1", jwt.SigningMethodES384), newSigner(t, "k1", jwt.SigningMethodES384)
	v := mustVerifier(t, jwks(t, s), now)
	v.gate.budget = rate.NewLimiter(0, 1<<40) // large and never refilled
	left := v.gate.budget.Tokens()
	verify := func(s signer, counts bool) {
		t.Helper()
		_, err := v.Verify(t.Context(), s.sign(t, goodHeader("k1"), goodClaims()))
		if counts {
			wantReason(t, err, "signature")
		} else if err != nil {
			t.Error(err)
		}
		if before := left; (v.gate.budget.Tokens() < before) != counts {
			t.Errorf("%v microseconds left of %v", v.gate.budget.Tokens(), before)
		}
		left = v.gate.budget.Tokens()
	}
	verify(s, false)
	verify(other, true)
	verify(other, true) // a new token

	forged := other.sign(t, goodHeader("k1"), goodClaims())
	_, err := v.Verify(t.Context(), forged)
	wantReason(t, err, "signature")
	left = v.gate.budget.Tokens()
	_, err = v.Verify(t.Context(), forged)
	wantReason(t, err, "signature")
	if again := v.gate.budget.Tokens(); again != left {
		t.Errorf("a cached rejection used %v microseconds", left-again)
	}
}
