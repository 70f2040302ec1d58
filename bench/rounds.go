package main

import (
	"context"
	"errors"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// roundTime is roughly the length of a round: short enough that other
	// processes leave some rounds undisturbed.
	roundTime = 2 * time.Millisecond
	rounds    = 600
	stride    = 7 // how many tokens later the next round starts
)

type operation struct {
	run        func(i int) error // consecutive numbers use different tokens
	goroutines int
}

// compare returns how many nanoseconds one call of each operation takes.
//
// The operations take turns in short rounds, so that a busy machine slows all of
// them down. The fastest round counts, because other processes only ever make a
// round slower.
func compare(ctx context.Context, operations []operation) ([]float64, error) {
	calls := make([]int, len(operations))
	best := make([]float64, len(operations))
	for i, op := range operations {
		n, err := calibrate(op)
		if err != nil {
			return nil, err
		}
		calls[i], best[i] = n, math.Inf(1)
	}
	for round := range rounds {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for i, op := range operations {
			// Every operation starts with the same token: some take longer than others.
			elapsed, err := timeCalls(op, round*stride, calls[i])
			if err != nil {
				return nil, err
			}
			best[i] = min(best[i], float64(elapsed)/float64(calls[i]))
		}
	}
	return best, nil
}

func calibrate(op operation) (int, error) {
	for n := 1; ; n *= 2 {
		shortest := time.Duration(math.MaxInt64)
		for range 3 { // the first one may include one-time work
			elapsed, err := timeCalls(op, 0, n)
			if err != nil {
				return 0, err
			}
			shortest = min(shortest, elapsed)
		}
		if shortest >= roundTime/2 {
			return max(1, int(float64(n)*float64(roundTime)/float64(shortest))), nil
		}
	}
}

// timeCalls returns how long the operation's goroutines take for n calls each.
// The calling goroutine is one of them.
func timeCalls(op operation, first, n int) (time.Duration, error) {
	errs := make([]error, op.goroutines)
	var wg sync.WaitGroup
	var ready atomic.Int64
	var start atomic.Bool
	for g := 1; g < op.goroutines; g++ {
		wg.Go(func() {
			ready.Add(1)
			for !start.Load() { // spin, so that it has a core when the clock starts
				runtime.Gosched()
			}
			errs[g] = op.repeat(first+g*n, n)
		})
	}
	for ready.Load() < int64(op.goroutines-1) {
		runtime.Gosched()
	}

	began := time.Now()
	start.Store(true)
	errs[0] = op.repeat(first, n)
	wg.Wait()
	return time.Since(began), errors.Join(errs...)
}

func (op operation) repeat(first, n int) error {
	for i := first; i < first+n; i++ {
		if err := op.run(i); err != nil {
			return err
		}
	}
	return nil
}
