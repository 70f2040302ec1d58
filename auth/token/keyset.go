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

// A KeySet holds an identity provider's public keys (RFC 7517, section 5). It is
// safe for concurrent use.
type KeySet struct {
	current   *publicKeys
	refresher *refresher // nil for a static key set
	close     func()
}

// NewRemoteKeySet returns the key set published at uri. It fetches the keys in the
// background: at once, every ten minutes, and when a token has an unknown key id, but
// at most once per second. If the provider can't be reached, the keys stay valid.
//
// It calls notify with the error when fetching starts to fail, and with nil when it
// works again. Call Close to stop the background work.
//
// It returns an error if uri is not an absolute http or https URL.
func NewRemoteKeySet(uri string, notify func(error)) (*KeySet, error) {
	if err := checkURL(uri); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	set, err := newRemoteKeySet(ctx, newSource(uri), notify)
	if err != nil {
		cancel()
		return nil, err
	}
	set.close = cancel
	return set, nil
}

func newRemoteKeySet(ctx context.Context, from source, notify func(error)) (*KeySet, error) {
	keys, err := newPublicKeys(jwkset.NewMemoryStorage())
	if err != nil {
		return nil, err
	}
	refresher := newRefresher(func(ctx context.Context) error {
		fetched, err := from.fetch(ctx)
		if err != nil {
			return err
		}
		return keys.replace(ctx, fetched)
	}, notify)
	go refresher.run(ctx)
	return &KeySet{current: keys, refresher: refresher, close: func() {}}, nil
}

// NewStaticKeySet returns the key set of a JWKS document. It returns an error if the
// document has no usable key.
func NewStaticKeySet(jwks []byte) (*KeySet, error) {
	parsed, err := parseKeys(jwks)
	if err != nil {
		return nil, err
	}
	keys, err := newPublicKeys(jwkset.NewMemoryStorage())
	if err != nil {
		return nil, err
	}
	return &KeySet{current: keys, close: func() {}}, keys.replace(context.Background(), parsed)
}

// Close stops the background work. The current keys stay usable.
func (s *KeySet) Close() { s.close() }

// VerifySignature checks the signature of a JWS in compact serialization (RFC 7515,
// section 5.2) and returns its payload. It checks nothing else: use a Verifier for
// access tokens.
//
// It returns an *InvalidError if the signature is not valid, and ErrKeysUnavailable
// or ErrBusy if it can't be checked now.
func (s *KeySet) VerifySignature(ctx context.Context, compact string) (payload []byte, err error) {
	if len(compact) > maxLength {
		return nil, errTooLong
	}
	t, err := parse(compact)
	if err != nil {
		return nil, err
	}
	if _, ok := methods[t.header.alg]; !ok {
		return nil, errAlgorithm
	}
	if t.header.critical {
		return nil, errCritical
	}
	err = s.withFreshKeys(ctx, func() error { return s.current.verify(t) })
	if err != nil {
		return nil, err
	}
	return t.payload, nil
}

// withFreshKeys calls check. If the key is unknown, it waits for a fetch that starts
// after the call and checks again, because the provider may have just rotated its
// keys.
func (s *KeySet) withFreshKeys(ctx context.Context, check func() error) error {
	if s.refresher == nil {
		return check()
	}
	started := s.refresher.lastStarted()
	err := check()
	if !errors.Is(err, errUnknownKey) {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, maxWait, ErrBusy)
	defer cancel()
	for last := 0; last <= started; {
		if last, err = s.refresher.wait(ctx); err != nil {
			return err
		}
		if err = check(); !errors.Is(err, errUnknownKey) {
			return err
		}
	}
	return err
}

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
