package token

import (
	"crypto/sha256"
	"sync/atomic"
	"time"

	"github.com/puzpuzpuz/xsync/v4"
)

// entryOverhead is what an entry costs in bytes besides the texts of its claims:
// its share of a map that has just grown, the claims themselves and the
// allocator's rounding.
const entryOverhead = 640

// listOverhead is what an item of a list in the claims costs besides its text.
const listOverhead = 16

// cache remembers verified tokens by their digest. It never holds a token that
// was refused, so only the identity provider can fill it.
//
// There are two generations, each of half the size. A full one becomes the older
// one and takes the place of the last older one, with what was not asked for
// meanwhile. That bounds the memory and lets expired tokens go with no work per
// token. Looking a token up writes nothing, so cores don't wait for one another.
type cache struct {
	limit         int // of a generation, in bytes
	recent, older atomic.Pointer[generation]
}

type generation struct {
	entries *xsync.Map[[sha256.Size]byte, *entry]
	size    atomic.Int64 // in bytes, at most
}

// entry is a verified token.
type entry struct {
	claims      *Claims
	withdrawals uint64 // of the key set, before the token was verified
	size        int    // in bytes, at most
}

func newCache(bytes int) *cache {
	// A generation is found full when it is over the limit by one entry.
	c := &cache{limit: bytes/2 - entryOverhead - maxLength}
	c.recent.Store(newGeneration())
	c.older.Store(newGeneration())
	return c
}

func newGeneration() *generation {
	return &generation{entries: xsync.NewMap[[sha256.Size]byte, *entry]()}
}

// get returns the claims of a token unless it has expired or a key has gone
// from the key set since it was verified.
func (c *cache) get(id [sha256.Size]byte, now time.Time, withdrawals uint64) *Claims {
	e, isRecent := c.recent.Load().entries.Load(id)
	if !isRecent {
		e, _ = c.older.Load().entries.Load(id)
	}
	if e == nil || e.withdrawals != withdrawals || !now.Before(e.claims.ExpiresAt.Time) {
		return nil
	}
	if !isRecent {
		c.add(id, e)
	}
	return e.claims
}

// put remembers the claims of a token of a length, unless it is out of the common.
func (c *cache) put(id [sha256.Size]byte, claims *Claims, length int, withdrawals uint64) {
	lists := len(claims.Scopes) + len(claims.Roles) + len(claims.Audience)
	e := &entry{claims, withdrawals, entryOverhead + length + lists*listOverhead}
	if e.size <= min(c.limit, entryOverhead+maxLength) {
		c.add(id, e)
	}
}

func (c *cache) add(id [sha256.Size]byte, e *entry) {
	recent := c.recent.Load()
	if _, replaced := recent.entries.LoadAndStore(id, e); replaced {
		return
	}
	if recent.size.Add(int64(e.size)) <= int64(c.limit) {
		return
	}
	if c.recent.CompareAndSwap(recent, newGeneration()) { // else another has done it
		c.older.Store(recent)
	}
}
