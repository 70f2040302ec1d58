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
	// roundTime is about how long an operation runs at a stretch: short enough
	// that some stretches are free of whatever else the machine does.
	roundTime = 2 * time.Millisecond
	// rounds is how many stretches each operation gets.
	rounds = 600
	// stride is how many tokens further on a round begins.
	stride = 7
)

// An operation is one of several whose times are compared.
type operation struct {
	// run does it. Numbers that follow one another are for different tokens.
	run func(i int) error
	// goroutines is how many do it at the same time.
	goroutines int
}

// compare runs the operations side by side and returns the time of each: how
// many nanoseconds one call of one goroutine takes.
//
// The operations take turns in short rounds, so that whatever slows the machine
// down slows all of them, and the best round of each counts: what other
// processes take away only ever makes a round longer.
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
			// All begin with the same token: some cost more than others.
			elapsed, err := stretch(op, round*stride, calls[i])
			if err != nil {
				return nil, err
			}
			best[i] = min(best[i], float64(elapsed)/float64(calls[i]))
		}
	}
	return best, nil
}

// calibrate returns how many calls of an operation make up a round.
func calibrate(op operation) (int, error) {
	for n := 1; ; n *= 2 {
		shortest := time.Duration(math.MaxInt64)
		for range 3 { // the first may pay for what is done only once
			elapsed, err := stretch(op, 0, n)
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

// stretch returns how long the goroutines of an operation take for n calls
// each. This goroutine is one of them.
func stretch(op operation, first, n int) (time.Duration, error) {
	errs := make([]error, op.goroutines)
	var wg sync.WaitGroup
	var ready atomic.Int64
	var start atomic.Bool
	for g := 1; g < op.goroutines; g++ {
		wg.Go(func() {
			ready.Add(1)
			for !start.Load() { // not waiting: it has to have a core by then
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
