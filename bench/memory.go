package main

import (
	"context"
	"runtime"
	"strconv"

	"golang.org/x/sync/errgroup"
)

const verifiedTokens = 1_000_000

// measureMemory measures by how much the heap grows when a verifier sees a million
// tokens. They are signed with Ed25519 because that is fast.
func measureMemory(ctx context.Context, r *report) error {
	progress("verifying %d tokens", verifiedTokens)
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

	before := liveHeapBytes()
	g, ctx := errgroup.WithContext(ctx)
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		g.Go(func() error {
			for i := w; i < verifiedTokens; i += workers {
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
	r.addFigure("cache_bytes_after_1m_tokens", float64(liveHeapBytes()-before))
	runtime.KeepAlive(v)
	return nil
}

func liveHeapBytes() int64 {
	runtime.GC()
	runtime.GC() // frees objects that had a finalizer
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}
