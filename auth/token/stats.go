package token

import "time"

// VerifierStats is what an operator wants to know of a Verifier.
type VerifierStats struct {
	// Accepted counts the tokens that were accepted after a check, and Recalled
	// those that were accepted because an earlier check was remembered.
	Accepted, Recalled uint64
	// Waiting are the tokens that wait for their check now.
	Waiting int
	// Remembered are the accepted tokens that are remembered now, about.
	Remembered int
}

// Stats returns how the verifier has done since it was made.
func (v *Verifier) Stats() VerifierStats {
	return VerifierStats{
		Accepted:   v.accepted.Load(),
		Recalled:   v.recalled.Load(),
		Waiting:    int(v.gate.waiting.Load()),
		Remembered: v.memory.len(),
	}
}

// KeySetStats is what an operator wants to know of a KeySet.
type KeySetStats struct {
	// FetchedAt is when the keys were last fetched, or the zero time if they
	// never were, or are fixed.
	FetchedAt time.Time
	// Failures counts the fetches that have failed since then.
	Failures int
}

// Stats returns how the fetching of the keys goes.
func (s *KeySet) Stats() KeySetStats {
	if s.refresher == nil {
		return KeySetStats{}
	}
	return s.refresher.stats()
}
