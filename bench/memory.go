package main

import (
	"context"
	"runtime"
	"strconv"

	"golang.org/x/sync/errgroup"
)

// rememberedTokens is how many tokens are put into the bounded memory.
const rememberedTokens = 1_000_000

// measureMemory lets a verifier see many tokens, each by the front door, and
// compares the heap before and after. They are signed with Ed25519, by which it
// takes the least time.
func measureMemory(ctx context.Context, r *report) error {
	progress("remembering %d tokens", rememberedTokens)
	is, err := newIssuer("EdDSA")
	if err != nil {
		return err
	}
	defer is.close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	v, err := newVerifier(ctx, is, cacheBytes)
	if err != nil {
		return err
	}

	before := heap()
	g, ctx := errgroup.WithContext(ctx)
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		g.Go(func() error {
			for i := w; i < rememberedTokens; i += workers {
				compact, err := is.token("user" + strconv.Itoa(i))
				if err != nil {
					return err
				}
				if _, err := v.Verify(ctx, compact); err != nil {
					return err
				}
				if ctx.Err() != nil {
					return ctx.Err()
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	r.addFigure("cache_bytes_after_1m_tokens", float64(heap()-before))
	runtime.KeepAlive(v)
	return nil
}

// heap returns the bytes in use that the garbage collector can't free.
func heap() int64 {
	runtime.GC()
	runtime.GC() // what has a finalizer goes the second time
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}
