package token

import "time"

// VerifierStats are numbers for metrics.
type VerifierStats struct {
	// Accepted counts the tokens that were verified, and CacheHits those that
	// were found in the cache.
	Accepted, CacheHits uint64
	Waiting             int
	// CacheSize is roughly how many verified tokens are cached.
	CacheSize int
}

// Stats returns the current numbers.
func (v *Verifier) Stats() VerifierStats {
	return VerifierStats{
		Accepted:  v.accepted.Load(),
		CacheHits: v.cacheHits.Load(),
		Waiting:   int(v.gate.waiting.Load()),
		CacheSize: v.cache.len(),
	}
}

// KeySetStats are numbers for metrics.
type KeySetStats struct {
	// FetchedAt is when the keys were last fetched, or zero if they never were or
	// the key set is static.
	FetchedAt time.Time
	// Failures counts the failed fetches since then.
	Failures int
}

// Stats returns the current numbers.
func (s *KeySet) Stats() KeySetStats {
	if s.refresher == nil {
		return KeySetStats{}
	}
	return s.refresher.stats()
}
