package token

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/MicahParks/jwkset"
	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
)

// publicKeys are the current keys.
type publicKeys struct {
	lookup keyfunc.Keyfunc
	// changes counts how often the set changed, and removals how often it lost a
	// key.
	changes, removals atomic.Uint64
}

func newPublicKeys(storage jwkset.Storage) (*publicKeys, error) {
	lookup, err := keyfunc.New(keyfunc.Options{Storage: storage})
	return &publicKeys{lookup: lookup}, err
}

// replace replaces all keys.
func (p *publicKeys) replace(ctx context.Context, keys []jwkset.JWK) error {
	storage := p.lookup.Storage()
	replaced, err := storage.KeyReadAll(ctx)
	if err != nil {
		return err
	}
	if err := storage.KeyReplaceAll(ctx, keys); err != nil {
		return err
	}
	// Count after the replacement. Otherwise a token that was verified with the
	// old keys could be cached as if verified with the new ones.
	before, after := fingerprints(replaced), fingerprints(keys)
	if !slices.Equal(before, after) {
		p.changes.Add(1)
	}
	if slices.ContainsFunc(before, func(key string) bool { return !slices.Contains(after, key) }) {
		p.removals.Add(1)
	}
	return nil
}

// fingerprints identify keys by all of their values. Two keys can have the same id.
func fingerprints(keys []jwkset.JWK) []string {
	all := make([]string, len(keys))
	for i, key := range keys {
		k := key.Marshal()
		all[i] = strings.Join([]string{k.KID, k.ALG.String(), k.CRV.String(), k.X, k.Y, k.N, k.E}, " ")
	}
	return all
}

// verify checks a signature. The caller has checked that the algorithm is one of methods.
func (p *publicKeys) verify(t jws) error {
	candidates, err := p.candidates(t.header)
	if err != nil {
		return err
	}
	for _, key := range candidates {
		if methods[t.header.alg].Verify(t.signed, t.signature, key) == nil {
			return nil
		}
	}
	return errSignature
}

func (p *publicKeys) candidates(h header) ([]any, error) {
	if h.kid == nil {
		return p.keysFor(h.alg)
	}
	named := &jwt.Token{Header: map[string]any{"alg": h.alg, "kid": *h.kid}}
	key, err := p.lookup.Keyfunc(named)
	switch {
	case errors.Is(err, jwkset.ErrKeyNotFound):
		return nil, errUnknownKey
	case err != nil || !fits(key, h.alg):
		return nil, errKeyMismatch
	}
	return []any{key}, nil
}

// maxCandidates limits the signature checks for a token without a key id.
const maxCandidates = 4

// keysFor returns the keys for an algorithm. The key id is optional (RFC 7515,
// section 4.1.4).
func (p *publicKeys) keysFor(algorithm string) (keys []any, err error) {
	all, err := p.lookup.Storage().KeyReadAll(context.Background())
	if err != nil || len(all) == 0 {
		return nil, errUnknownKey
	}
	for _, jwk := range all {
		alg := jwk.Marshal().ALG.String()
		if (alg == "" || alg == algorithm) && fits(jwk.Key(), algorithm) && len(keys) < maxCandidates {
			keys = append(keys, jwk.Key())
		}
	}
	if len(keys) == 0 {
		return nil, errKeyMismatch
	}
	return keys, nil
}
