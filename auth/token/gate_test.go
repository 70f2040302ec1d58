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

// signatureTime is how long a signature check takes in these tests.
const signatureTime = 400 * time.Microsecond

// pass goes through the gate with a token that is accepted or not.
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

// TestGate_Flood: those who send forged tokens as fast as they are answered get
// their share of the machine's time and no more, and somebody new gets in.
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
				t.Errorf("somebody new: %v", err)
			}
			if waited := time.Since(arrived); waited > time.Second {
				t.Errorf("somebody new waited %v", waited)
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

// TestGate_AcceptedTokensAreNotRationed: after a restart everybody is new.
func TestGate_AcceptedTokensAreNotRationed(t *testing.T) {
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

// TestGate_WaitersAreBounded: in number and in time. Whoever goes away leaves no
// trace.
func TestGate_WaitersAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		slots := max(1, runtime.GOMAXPROCS(0)/2)
		for range slots {
			if err := g.enter(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		line := func(ctx context.Context, want error) *sync.WaitGroup {
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
				t.Errorf("one too many: err = %v, want ErrBusy", err)
			}
			return &waiters
		}
		ctx, leave := context.WithCancel(t.Context())
		waiters := line(ctx, context.Canceled)
		leave()
		waiters.Wait()

		began := time.Now()
		line(t.Context(), ErrBusy).Wait()
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

// TestGate_CanceledWhileInDebt: whoever goes away while being first in the line
// takes no slot along.
func TestGate_CanceledWhileInDebt(t *testing.T) {
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
			t.Errorf("in budget for long: err = %v, want ErrBusy", err)
		}
		time.Sleep(49 * time.Second)
		ctx, leave := context.WithCancel(t.Context())
		var waiter sync.WaitGroup
		waiter.Go(func() {
			if err := g.enter(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("err = %v, want %v", err, context.Canceled)
			}
		})
		synctest.Wait()
		leave()
		waiter.Wait()
		if err := g.enter(t.Context()); err != nil {
			t.Errorf("out of budget: %v", err)
		}
	})
}

// TestVerify_RejectedTokensCount: what is spent on a token that is rejected
// counts, once, and what is spent on a good one doesn't.
func TestVerify_RejectedTokensCount(t *testing.T) {
	s, other := newSigner(t, "k1", jwt.SigningMethodES384), newSigner(t, "k1", jwt.SigningMethodES384)
	v := mustVerifier(t, jwks(t, s), now)
	v.gate.budget = rate.NewLimiter(0, 1<<40) // nothing is paid off, and there is enough
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
	verify(other, true) // it has another signature

	forged := other.sign(t, goodHeader("k1"), goodClaims())
	_, err := v.Verify(t.Context(), forged)
	wantReason(t, err, "signature")
	left = v.gate.budget.Tokens()
	_, err = v.Verify(t.Context(), forged)
	wantReason(t, err, "signature")
	if again := v.gate.budget.Tokens(); again != left {
		t.Errorf("sent again it cost %v microseconds", left-again)
	}
}
