package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/dgraph-io/ristretto/v2"
	lru "github.com/hashicorp/golang-lru/v2"

	"encore.app/auth/token"
)

const (
	// cachedTokens is how many tokens the caches hold: too many for the caches
	// of a core.
	cachedTokens = 10_000
	// entryBytes is what an entry is said to take, so that all of them fit.
	entryBytes = 1 << 10
)

type tokenDigest = [sha256.Size]byte

// alternatives could hold the verified tokens in place of maypok86/otter, which
// this package uses. new returns how to put a token into one and how to look it up.
var alternatives = []struct {
	name, figure string
	new          func() (put func(tokenDigest, *token.Claims), get func(tokenDigest) (*token.Claims, bool), err error)
}{
	{"plain sharded maps", "own_over_sharded_maps", newShardedMaps},
	{"dgraph-io/ristretto", "own_over_ristretto", newRistretto},
	{"hashicorp/golang-lru", "own_over_golang_lru", newLRU},
}

// measureCaches compares how long this package takes to recognise a token with
// how long it would take if an alternative held them. There is no target: the
// figures are the reason for the choice.
func measureCaches(ctx context.Context, r *report) error {
	progress("recognising verified tokens")
	is, err := newIssuer("ES256")
	if err != nil {
		return err
	}
	defer is.close()
	tokens, err := is.tokens(cachedTokens)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	own, err := newVerifier(ctx, is, cacheBytes)
	if err != nil {
		return err
	}

	checks := []check{func(ctx context.Context, compact string) error {
		_, err := own.Verify(ctx, compact)
		return err
	}}
	for _, alternative := range alternatives {
		put, get, err := alternative.new()
		if err != nil {
			return fmt.Errorf("%s: %w", alternative.name, err)
		}
		for _, compact := range tokens {
			claims, err := own.Verify(ctx, compact)
			if err != nil {
				return err
			}
			put(sha256.Sum256([]byte(compact)), claims)
		}
		checks = append(checks, recognise(get))
	}

	var operations []operation
	for _, check := range checks {
		run := func(i int) error { return check(ctx, tokens[i%cachedTokens]) }
		operations = append(operations, operation{run, 1}, operation{run, 2})
	}
	times, err := compare(ctx, operations)
	if err != nil {
		return err
	}
	table := [][]string{{"a verified token", "1 core ns", "2 cores ns"}}
	row := func(name string, i int) []string {
		return []string{name, fmt.Sprintf("%.0f", times[2*i]), fmt.Sprintf("%.0f", times[2*i+1])}
	}
	table = append(table, row("this package", 0))
	for i, alternative := range alternatives {
		table = append(table, row(alternative.name, i+1))
		r.addFigure(alternative.figure, times[0]/times[2*(i+1)])
		r.addFigure(alternative.figure+".two_cores", times[1]/times[2*(i+1)+1])
	}
	r.addTable(table)
	return nil
}

// recognise returns a check that does with an alternative what this package does
// when it sees a token again.
func recognise(get func(tokenDigest) (*token.Claims, bool)) check {
	return func(_ context.Context, compact string) error {
		var stack [1 << 10]byte // the token is not copied to the heap
		claims, ok := get(sha256.Sum256(append(stack[:0], compact...)))
		if !ok || !time.Now().Before(claims.ExpiresAt.Time) {
			return errors.New("the cache has lost a token")
		}
		return nil
	}
}

func newShardedMaps() (func(tokenDigest, *token.Claims), func(tokenDigest) (*token.Claims, bool), error) {
	var shards [64]struct {
		mu     sync.RWMutex
		claims map[tokenDigest]*token.Claims
		_      [64]byte // keeps the locks of two shards off one cache line
	}
	put := func(id tokenDigest, claims *token.Claims) {
		s := &shards[id[0]%64]
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.claims == nil {
			s.claims = make(map[tokenDigest]*token.Claims)
		}
		s.claims[id] = claims
	}
	get := func(id tokenDigest) (*token.Claims, bool) {
		s := &shards[id[0]%64]
		s.mu.RLock()
		defer s.mu.RUnlock()
		claims, ok := s.claims[id]
		return claims, ok
	}
	return put, get, nil
}

func newRistretto() (func(tokenDigest, *token.Claims), func(tokenDigest) (*token.Claims, bool), error) {
	cache, err := ristretto.NewCache(&ristretto.Config[[]byte, *token.Claims]{
		NumCounters: 10 * cachedTokens,
		MaxCost:     cacheBytes,
		BufferItems: 64,
		// A digest is as good as a hash of it.
		KeyToHash: func(id []byte) (uint64, uint64) {
			return binary.NativeEndian.Uint64(id), binary.NativeEndian.Uint64(id[8:])
		},
	})
	if err != nil {
		return nil, nil, err
	}
	put := func(id tokenDigest, claims *token.Claims) {
		cache.Set(id[:], claims, entryBytes)
		cache.Wait() // it may drop what it gets too fast
	}
	get := func(id tokenDigest) (*token.Claims, bool) { return cache.Get(id[:]) }
	return put, get, nil
}

func newLRU() (func(tokenDigest, *token.Claims), func(tokenDigest) (*token.Claims, bool), error) {
	cache, err := lru.New[tokenDigest, *token.Claims](cacheBytes / entryBytes)
	if err != nil {
		return nil, nil, err
	}
	put := func(id tokenDigest, claims *token.Claims) { cache.Add(id, claims) }
	return put, cache.Get, nil
}
