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
	cachedTokens = 10_000  // more than fit into a core's own caches
	entryBytes   = 1 << 10 // the stated size of an entry, so that all of them fit
)

type tokenDigest = [sha256.Size]byte

// alternatives to maypok86/otter, the cache that auth/token uses.
var alternatives = []struct {
	name, figure string
	new          func() (put func(tokenDigest, *token.Claims), get func(tokenDigest) (*token.Claims, bool), err error)
}{
	{"plain sharded maps", "own_over_sharded_maps", newShardedMaps},
	{"dgraph-io/ristretto", "own_over_ristretto", newRistretto},
	{"hashicorp/golang-lru", "own_over_golang_lru", newLRU},
}

// measureCaches compares looking up a verified token in auth/token's cache and in
// the alternatives. There is no target: the figures explain the choice.
func measureCaches(ctx context.Context, r *report) error {
	progress("looking up verified tokens")
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
		checks = append(checks, lookUp(get))
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

// lookUp does with an alternative what auth/token does with a token in its cache.
func lookUp(get func(tokenDigest) (*token.Claims, bool)) check {
	return func(_ context.Context, compact string) error {
		var stack [1 << 10]byte // keeps the copy of the token off the heap
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
		_      [64]byte // so that two locks never share a cache line
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
		// The key is a hash already.
		KeyToHash: func(id []byte) (uint64, uint64) {
			return binary.NativeEndian.Uint64(id), binary.NativeEndian.Uint64(id[8:])
		},
	})
	if err != nil {
		return nil, nil, err
	}
	put := func(id tokenDigest, claims *token.Claims) {
		cache.Set(id[:], claims, entryBytes)
		cache.Wait() // otherwise it may drop entries
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
