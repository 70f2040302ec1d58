package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"encore.app/auth/token"
)

const (
	requests = 1000
	flood    = 10_000
	// cooldown is how long after a fetch a token can't cause another.
	cooldown = 10 * time.Second
)

// measureKeyFetches counts, at the identity provider, how often keys are
// fetched: for tokens signed with a known key, and for tokens that name made-up
// keys.
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
	made := make([]string, flood)
	for i := range made {
		if made[i], err = is.tokenOf(newKeyID(), "user00000000"); err != nil {
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

	// With the last fetch that long ago the flood can cause one.
	select {
	case <-time.After(cooldown + time.Second):
	case <-ctx.Done():
		return ctx.Err()
	}
	fetched, began := is.fetches.Load(), time.Now()
	for _, compact := range made {
		var refused *token.InvalidError
		if _, err := v.Verify(ctx, compact); !errors.As(err, &refused) || refused.Reason != "unknown_key" {
			return fmt.Errorf("token with a made-up key: %w", err)
		}
	}
	if elapsed := time.Since(began); elapsed > cooldown {
		return fmt.Errorf("the flood took %s, longer than a cooldown", elapsed)
	}
	r.addFigure("fetches_in_unknown_kid_flood", float64(is.fetches.Load()-fetched))
	return nil
}
