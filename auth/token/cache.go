package token

import (
	"errors"
	"slices"
	"time"

	"github.com/maypok86/otter/v2"
)

const (
	// entryOverhead is the memory for a verified token in bytes, without the text of
	// its claims: the cache entry, the Claims struct and allocator rounding.
	entryOverhead = 640
	// listOverhead is the memory for one list item, without its text.
	listOverhead = 16
	// maxRejected is how many rejected tokens are cached, in about 2 MB.
	maxRejected = 4096
)

// tokenCache caches the results of verification. Rejected tokens have a cache of
// their own, so that a flood of them can't evict verified ones.
type tokenCache struct {
	verified *otter.Cache[tokenID, verifiedToken]
	rejected *otter.Cache[tokenID, rejectedToken]
}

type verifiedToken struct {
	claims *Claims
	length int // of the token, in bytes
	// removals and changes are the counts in publicKeys when the check started.
	removals uint64
}

type rejectedToken struct {
	reason  *InvalidError
	changes uint64
}

// newTokenCache returns a cache for verified tokens of the given size. If that is 0
// it returns nil, which caches nothing.
func newTokenCache(bytes int) *tokenCache {
	if bytes == 0 {
		return nil
	}
	return &tokenCache{
		verified: otter.Must(&otter.Options[tokenID, verifiedToken]{
			MaximumWeight: uint64(bytes),
			Weigher:       func(_ tokenID, t verifiedToken) uint32 { return t.size() },
		}),
		rejected: otter.Must(&otter.Options[tokenID, rejectedToken]{MaximumSize: maxRejected}),
	}
}

// get returns the cached result for a token. It returns nil and nil if there is none,
// the token has expired or the keys have changed.
func (c *tokenCache) get(id tokenID, now time.Time, keys *publicKeys) (*Claims, error) {
	if c == nil {
		return nil, nil
	}
	if t, ok := c.verified.GetIfPresent(id); ok && t.removals == keys.removals.Load() && now.Before(t.claims.ExpiresAt.Time) {
		return t.claims, nil
	}
	if t, ok := c.rejected.GetIfPresent(id); ok && t.changes == keys.changes.Load() {
		return nil, t.reason
	}
	return nil, nil
}

func (c *tokenCache) addVerified(id tokenID, t verifiedToken) {
	if c != nil {
		c.verified.Set(id, t)
	}
}

// addRejected caches a rejected token, unless it may become valid with time or with
// the next fetch of keys.
func (c *tokenCache) addRejected(id tokenID, err error, changes uint64) {
	var reason *InvalidError
	if c != nil && errors.As(err, &reason) && !slices.Contains(transientReasons, reason) {
		c.rejected.Set(id, rejectedToken{reason, changes})
	}
}

// transientReasons may pass without a change of keys.
var transientReasons = []*InvalidError{errExpired, errNotYetValid, errUnknownKey}

func (c *tokenCache) len() int {
	if c == nil {
		return 0
	}
	return c.verified.EstimatedSize()
}

// size returns an upper bound of the memory, in bytes.
func (t verifiedToken) size() uint32 {
	lists := len(t.claims.Scopes) + len(t.claims.Roles) + len(t.claims.Audience)
	return uint32(entryOverhead + t.length + lists*listOverhead)
}
