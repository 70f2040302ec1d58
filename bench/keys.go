package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"golang.org/x/sync/errgroup"

	"encore.app/auth/token"
)

const (
	requests    = 1000
	unknownKeys = 10_000 // tokens that name keys that don't exist
	senders     = 1000   // of these tokens, at the same time
)

// measureKeyFetches counts how often the key set is fetched for tokens with a
// known key, and for tokens that name keys that don't exist.
func measureKeyFetches(ctx context.Context, r *report) error {
	progress("counting fetches of keys")
	is, err := newIssuer("ES256")
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
	tokens, err := is.tokens(1 + requests)
	if err != nil {
		return err
	}
	unknown := make([]string, unknownKeys)
	for i := range unknown {
		if unknown[i], err = is.tokenWithKey(newKeyID(), "user00000000"); err != nil {
			return err
		}
	}
	if _, err := v.Verify(ctx, tokens[0]); err != nil {
		return err
	}

	fetched := is.fetches.Load()
	for _, compact := range tokens[1:] {
		if _, err := v.Verify(ctx, compact); err != nil {
			return err
		}
	}
	r.addFigure("fetches_per_1000_requests", float64(is.fetches.Load()-fetched))

	fetched = is.fetches.Load()
	began := time.Now()
	g, ctx := errgroup.WithContext(ctx)
	for sender := range senders {
		g.Go(func() error {
			for i := sender; i < unknownKeys; i += senders {
				var rejected *token.InvalidError
				if _, err := v.Verify(ctx, unknown[i]); !errors.As(err, &rejected) || rejected.Reason != "unknown_key" {
					return fmt.Errorf("token with an unknown key: %w", err)
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	seconds := math.Ceil(time.Since(began).Seconds())
	r.addFigure("fetches_in_unknown_kid_flood", float64(is.fetches.Load()-fetched)/seconds)
	return nil
}
