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

// A KeySet holds the public keys with which an identity provider signs
// (RFC 7517, section 5). It is safe for concurrent use.
type KeySet struct {
	keys      keyfunc.Keyfunc
	refresher *refresher // nil if the keys are fixed
	// changes counts the times that the set has become another, withdrawals
	// those at which a key has gone from it.
	changes, withdrawals atomic.Uint64
	close                func()
}

// NewRemoteKeySet returns the key set published at uri. The keys are fetched
// at once in the background, kept, refreshed from time to time, and fetched
// again when a token names a key that is not among them, at most once per
// second. While the provider is away the keys already known stay good.
//
// notify is called with the error when fetching starts to fail, and with nil
// when it works again. Call Close to end the background work.
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
	set, err := newKeySet(jwkset.NewMemoryStorage())
	if err != nil {
		return nil, err
	}
	set.refresher = newRefresher(func(ctx context.Context) error {
		keys, err := from.fetch(ctx)
		if err != nil {
			return err
		}
		return set.replace(ctx, keys)
	}, notify)
	go set.refresher.run(ctx)
	return set, nil
}

// NewStaticKeySet returns the key set of a fixed JWKS document.
// It returns an error if the document holds no key that can be used.
func NewStaticKeySet(jwks []byte) (*KeySet, error) {
	keys, err := parseKeys(jwks)
	if err != nil {
		return nil, err
	}
	set, err := newKeySet(jwkset.NewMemoryStorage())
	if err != nil {
		return nil, err
	}
	return set, set.replace(context.Background(), keys)
}

func newKeySet(storage jwkset.Storage) (*KeySet, error) {
	keys, err := keyfunc.New(keyfunc.Options{Storage: storage})
	if err != nil {
		return nil, err
	}
	return &KeySet{keys: keys, close: func() {}}, nil
}

// Close ends the background work of a remote key set. The keys it has stay usable.
func (s *KeySet) Close() { s.close() }

// replace makes keys those of the set.
func (s *KeySet) replace(ctx context.Context, keys []jwkset.JWK) error {
	storage := s.keys.Storage()
	replaced, err := storage.KeyReadAll(ctx)
	if err != nil {
		return err
	}
	if err := storage.KeyReplaceAll(ctx, keys); err != nil {
		return err
	}
	// Only now: what is judged by the old keys must not count for the new ones.
	before, after := thumbprints(replaced), thumbprints(keys)
	if !slices.Equal(before, after) {
		s.changes.Add(1)
	}
	if slices.ContainsFunc(before, func(key string) bool { return !slices.Contains(after, key) }) {
		s.withdrawals.Add(1)
	}
	return nil
}

// thumbprints tell keys from all others, whatever their ids say.
func thumbprints(keys []jwkset.JWK) []string {
	all := make([]string, len(keys))
	for i, key := range keys {
		k := key.Marshal()
		all[i] = strings.Join([]string{k.KID, k.ALG.String(), k.CRV.String(), k.X, k.Y, k.N, k.E}, " ")
	}
	return all
}

// VerifySignature checks the signature of a JWS in compact serialization
// (RFC 7515, section 5.2) and returns its payload. It looks at nothing else:
// use a Verifier to find out whether an access token is acceptable.
//
// It returns an *InvalidError if the signature is not good, and ErrKeysUnavailable
// or ErrBusy if that could not be found out.
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
	err = s.awaitKeys(ctx, func() error { return s.verify(t) })
	if err != nil {
		return nil, err
	}
	return t.payload, nil
}

// awaitKeys checks a token by calling check. As long as that returns
// errUnknownKey it is called again when keys were fetched, until they were by a
// fetch that began after the token had come: the provider may have begun to sign
// with a new key only a moment ago.
func (s *KeySet) awaitKeys(ctx context.Context, check func() error) error {
	if s.refresher == nil {
		return check()
	}
	begun := s.refresher.begun()
	err := check()
	if !errors.Is(err, errUnknownKey) {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, maxWait, ErrBusy)
	defer cancel()
	for last := 0; last <= begun; {
		if last, err = s.refresher.wait(ctx); err != nil {
			return err
		}
		if err = check(); !errors.Is(err, errUnknownKey) {
			return err
		}
	}
	return err
}

// verify checks a signature, by an algorithm we know, with the keys at hand.
func (s *KeySet) verify(t jws) error {
	candidates, err := s.candidates(t.header)
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

// candidates returns the keys that may have signed a token with the header.
func (s *KeySet) candidates(h header) ([]any, error) {
	if h.kid == nil {
		return s.unnamed(h.alg)
	}
	named := &jwt.Token{Header: map[string]any{"alg": h.alg, "kid": *h.kid}}
	key, err := s.keys.Keyfunc(named)
	switch {
	case errors.Is(err, jwkset.ErrKeyNotFound):
		return nil, errUnknownKey
	case err != nil || !fits(key, h.alg):
		return nil, errKeyMismatch
	}
	return []any{key}, nil
}

// maxCandidates bounds how many keys are tried for a token that names none.
const maxCandidates = 4

// unnamed returns the keys for an algorithm: a token need not name its key
// (RFC 7515, section 4.1.4).
func (s *KeySet) unnamed(algorithm string) (keys []any, err error) {
	all, err := s.keys.Storage().KeyReadAll(context.Background())
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
