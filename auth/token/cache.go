package token

import (
	"crypto/sha256"
	"sync"
	"time"
)

const (
	// shards spread the tokens, so that cores seldom wait for one another.
	shards = 64
	// entryOverhead is what an entry costs in bytes besides the texts of its
	// claims: its share of a map that has just grown, the claims themselves
	// and the allocator's rounding.
	entryOverhead = 640
)

// cache remembers verified tokens by their digest. It never holds a token that
// was refused, so only the identity provider can fill it.
//
// Each shard has two generations of half its size. A full one becomes the older
// one and takes the place of the last older one, with what was not asked for
// meanwhile. That bounds the memory and lets expired tokens go with no work per
// token.
type cache struct {
	shards [shards]shard
	limit  int // of a generation of a shard, in bytes
}

type shard struct {
	mu            sync.RWMutex
	recent, older map[[sha256.Size]byte]*entry
	size          int // of recent, in bytes

	_ [64]byte // keeps the locks of two shards off one cache line
}

// entry is a verified token.
type entry struct {
	claims      *Claims
	withdrawals uint64 // of the key set, before the token was verified
	size        int    // in bytes, at most
}

func newCache(bytes int) *cache {
	return &cache{limit: bytes / shards / 2}
}

// get returns the claims of a token unless it has expired or a key has gone
// from the key set since it was verified.
func (c *cache) get(id [sha256.Size]byte, now time.Time, withdrawals uint64) *Claims {
	s := &c.shards[id[0]%shards]
	s.mu.RLock()
	e, isRecent := s.recent[id]
	if !isRecent {
		e = s.older[id]
	}
	s.mu.RUnlock()

	if e == nil || e.withdrawals != withdrawals || !now.Before(e.claims.ExpiresAt.Time) {
		return nil
	}
	if !isRecent {
		s.put(id, e, c.limit)
	}
	return e.claims
}

// put remembers the claims of a token of a length.
func (c *cache) put(id [sha256.Size]byte, claims *Claims, length int, withdrawals uint64) {
	e := &entry{claims, withdrawals, entryOverhead + length}
	if e.size <= c.limit {
		c.shards[id[0]%shards].put(id, e, c.limit)
	}
}

func (s *shard) put(id [sha256.Size]byte, e *entry, limit int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.recent[id]; ok {
		s.recent[id] = e
		return
	}
	if s.recent == nil || s.size+e.size > limit {
		s.older, s.recent, s.size = s.recent, make(map[[sha256.Size]byte]*entry), 0
	}
	s.recent[id] = e
	s.size += e.size
}
