package token

import (
	"crypto/sha256"
	"errors"
	"slices"
	"time"

	"github.com/maypok86/otter/v2"
)

const (
	// entryOverhead is what a verified token costs in bytes besides the texts of
	// its claims: its share of the cache, the claims themselves and the
	// allocator's rounding.
	entryOverhead = 640
	// listOverhead is what an item of a list in the claims costs besides its text.
	listOverhead = 16
	// maxRejected is how many rejected tokens are remembered, in some 2 MB.
	maxRejected = 4096
)

// tokenID is the digest by which a token is recognized.
type tokenID [sha256.Size]byte

// identify returns the id of a token, which does not keep the token.
func identify(compact string) tokenID {
	var stack [1 << 10]byte // room for a usual token, so that it is not copied to the heap
	return sha256.Sum256(append(stack[:0], compact...))
}

// memory remembers what became of tokens. Those that were rejected have a place
// of their own: only the identity provider can fill that of the verified ones.
type memory struct {
	verified *otter.Cache[tokenID, verifiedToken]
	rejected *otter.Cache[tokenID, rejectedToken]
}

type verifiedToken struct {
	claims *Claims
	length int // of the token, in bytes
	// withdrawals is how often keys had gone from the key set before.
	withdrawals uint64
}

type rejectedToken struct {
	reason *InvalidError
	// changes is how often the key set had changed before.
	changes uint64
}

// newMemory returns a memory for verified tokens of a size in bytes, or nil,
// which remembers nothing, if the size is 0.
func newMemory(bytes int) *memory {
	if bytes == 0 {
		return nil
	}
	return &memory{
		verified: otter.Must(&otter.Options[tokenID, verifiedToken]{
			MaximumWeight: uint64(bytes),
			Weigher:       func(_ tokenID, t verifiedToken) uint32 { return t.size() },
		}),
		rejected: otter.Must(&otter.Options[tokenID, rejectedToken]{MaximumSize: maxRejected}),
	}
}

// recall returns what became of a token, or nil and nil if that is not
// remembered or may be different now: the token has expired, or the keys are
// others.
func (m *memory) recall(id tokenID, now time.Time, keys *publicKeys) (*Claims, error) {
	if m == nil {
		return nil, nil
	}
	if t, ok := m.verified.GetIfPresent(id); ok && t.withdrawals == keys.withdrawals.Load() && now.Before(t.claims.ExpiresAt.Time) {
		return t.claims, nil
	}
	if t, ok := m.rejected.GetIfPresent(id); ok && t.changes == keys.changes.Load() {
		return nil, t.reason
	}
	return nil, nil
}

func (m *memory) addVerified(id tokenID, t verifiedToken) {
	if m != nil {
		m.verified.Set(id, t)
	}
}

// addRejected remembers a rejected token unless time or the next fetch of keys
// could make it a good one.
func (m *memory) addRejected(id tokenID, err error, changes uint64) {
	var reason *InvalidError
	if m != nil && errors.As(err, &reason) && !slices.Contains(passing, reason) {
		m.rejected.Set(id, rejectedToken{reason, changes})
	}
}

// passing are the reasons that can pass without a change of the key set.
var passing = []*InvalidError{errExpired, errNotYetValid, errUnknownKey}

// len returns about how many verified tokens are remembered.
func (m *memory) len() int {
	if m == nil {
		return 0
	}
	return m.verified.EstimatedSize()
}

// size returns at most how many bytes the token takes.
func (t verifiedToken) size() uint32 {
	lists := len(t.claims.Scopes) + len(t.claims.Roles) + len(t.claims.Audience)
	return uint32(entryOverhead + t.length + lists*listOverhead)
}
