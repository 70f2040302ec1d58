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
	// rejectedShare is the part of the machine's time that tokens which are then
	// rejected may take, as 1/rejectedShare.
	rejectedShare = 16
	// rejectedBurst is how much of that may be taken at once: some 100 tokens.
	rejectedBurst = 50 * time.Millisecond
	// maxWaiting is how many may wait for their turn. A waiting request holds
	// its token of 8 KiB at most, and a goroutine that its connection has anyway.
	maxWaiting = 1024
	// maxWait is how long they wait.
	maxWait = 2 * time.Second
)

// gate bounds what the judging of tokens never seen before takes of the
// machine: half of its cores, and a sixteenth of its time for tokens that are then
// rejected. Nobody without a key of the identity provider can make tokens that
// are accepted, so whoever sends forged ones gets slow answers, and those who
// are known keep most of the machine. A forged token can't be told from that of
// somebody new before its signature is checked, so everybody waits in one line,
// first come, first served. As long as that is not full, somebody new gets in.
type gate struct {
	slots   *semaphore.Weighted
	debt    *rate.Limiter // microseconds spent on rejected tokens
	waiting atomic.Int64
}

func newGate() *gate {
	cores := runtime.GOMAXPROCS(0)
	return &gate{
		slots: semaphore.NewWeighted(int64(max(1, cores/2))),
		debt:  rate.NewLimiter(rate.Limit(float64(cores)/rejectedShare*1e6), int(rejectedBurst.Microseconds())),
	}
}

// enter waits for the caller's turn to judge a token. Call leave afterwards.
//
// It returns ErrBusy if too many wait or the wait takes too long, and the
// context's error if the caller goes away.
func (g *gate) enter(ctx context.Context) error {
	if g.slots.TryAcquire(1) {
		if g.debt.Tokens() >= 0 {
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
	// Whoever is first in the line waits until the debt is paid off.
	if g.debt.WaitN(ctx, 0) != nil {
		g.slots.Release(1)
		if ctx.Err() == nil { // it would take too long
			return ErrBusy
		}
		return context.Cause(ctx)
	}
	return nil
}

// leave lets the next one in. It takes the time that was spent on a token that
// was rejected, else 0.
func (g *gate) leave(spent time.Duration) {
	// More than the burst can't be put down.
	g.debt.ReserveN(time.Now(), int(min(spent, rejectedBurst).Microseconds()))
	g.slots.Release(1)
}
