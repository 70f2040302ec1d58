package token

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"
)

const (
	// Tokens that turn out invalid may use 1/rejectedShare of the CPU time.
	rejectedShare = 16
	// rejectedBurst is how much of that may be used at once: about 100 tokens.
	rejectedBurst = 50 * time.Millisecond
	// maxWaiting is how many callers may wait. Each holds a token of at most 8 KiB
	// and its connection's goroutine.
	maxWaiting = 1024
	maxWait    = 2 * time.Second
)

// gate limits the verification of unknown tokens to half of the cores, and of invalid
// ones to a sixteenth of the CPU time. A flood of forged tokens then slows down new
// tokens, but not cached ones. Forged and new tokens share one queue, because only the
// signature check can tell them apart.
type gate struct {
	slots   *semaphore.Weighted
	budget  *rate.Limiter // for rejected tokens, in microseconds
	waiting atomic.Int64
}

func newGate() *gate {
	cores := runtime.GOMAXPROCS(0)
	return &gate{
		slots:  semaphore.NewWeighted(int64(max(1, cores/2))),
		budget: rate.NewLimiter(rate.Limit(float64(cores)/rejectedShare*1e6), int(rejectedBurst.Microseconds())),
	}
}

// enter waits until the caller may verify a token. Call leave afterwards.
//
// It returns ErrBusy if too many are waiting or the wait is too long, and the
// context's error if the context ends.
func (g *gate) enter(ctx context.Context) error {
	if g.slots.TryAcquire(1) {
		if g.budget.Tokens() >= 0 {
			return nil
		}
		g.slots.Release(1)
	}
	defer g.waiting.Add(-1)
	if g.waiting.Add(1) > maxWaiting {
		return ErrBusy
	}
	ctx, cancel := context.WithTimeoutCause(ctx, maxWait, ErrBusy)
	defer cancel()
	if g.slots.Acquire(ctx, 1) != nil {
		return context.Cause(ctx)
	}
	// The first in the queue waits until the budget is no longer negative.
	if g.budget.WaitN(ctx, 0) != nil {
		g.slots.Release(1)
		if ctx.Err() == nil { // the wait would exceed the deadline
			return ErrBusy
		}
		return context.Cause(ctx)
	}
	return nil
}

// leave lets the next caller in. Pass the time spent if the token was rejected, and
// 0 otherwise.
func (g *gate) leave(spent time.Duration) {
	// ReserveN rejects more than the burst.
	g.budget.ReserveN(time.Now(), int(min(spent, rejectedBurst).Microseconds()))
	g.slots.Release(1)
}
