package token

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
)

// A KeySet holds the public keys with which an identity provider signs
// (RFC 7517, section 5). It is safe for concurrent use.
type KeySet struct {
	keys keyfunc.Keyfunc
	// withdrawals counts the times that keys have gone from the set.
	withdrawals atomic.Uint64
	// fetched is the second in which the keys were last fetched, in Unix time;
	// 0 if they are not fetched at all.
	fetched atomic.Int64
	close   func()
}

// NewRemoteKeySet returns the key set published at uri. The keys are fetched
// at once in the background, kept, refreshed from time to time, and fetched
// again when a token names a key that is not among them. While the provider is
// away the keys already known stay good.
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
	set, err := newRemoteKeySet(ctx, newRemoteKeys(uri, newHTTPClient(), notify))
	if err != nil {
		cancel()
		return nil, err
	}
	set.close = cancel
	return set, nil
}

func newRemoteKeySet(ctx context.Context, remote *remoteKeys) (*KeySet, error) {
	set, err := newKeySet(remote)
	if err != nil {
		return nil, err
	}
	remote.set = set
	go remote.run(ctx)
	return set, nil
}

// NewStaticKeySet returns the key set of a fixed JWKS document.
// It returns an error if the document holds no key that can be used.
func NewStaticKeySet(jwks []byte) (*KeySet, error) {
	keys, err := parseKeys(jwks)
	if err != nil {
		return nil, err
	}
	storage := jwkset.NewMemoryStorage()
	if err := storage.KeyReplaceAll(context.Background(), keys); err != nil {
		return nil, err
	}
	return newKeySet(storage)
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

// FetchedAt returns when the keys were last fetched, to the second, or the zero
// time if they never were.
func (s *KeySet) FetchedAt() time.Time {
	fetched := s.fetched.Load()
	if fetched == 0 {
		return time.Time{}
	}
	return time.Unix(fetched, 0)
}

// VerifySignature checks the signature of a JWS in compact serialization
// (RFC 7515, section 5.2) and returns its payload. It looks at nothing else:
// use a Verifier to find out whether an access token is acceptable.
//
// It returns an *InvalidError if the signature is not good, and
// ErrKeysUnavailable if that could not be found out.
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
	if err := s.verify(ctx, t); err != nil {
		return nil, err
	}
	return t.payload, nil
}

// verify checks a signature by an algorithm we know.
func (s *KeySet) verify(ctx context.Context, t jws) error {
	candidates, err := s.candidates(ctx, t.header)
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
// A token need not name its key (RFC 7515, section 4.1.4); then it is every
// key for its algorithm.
func (s *KeySet) candidates(ctx context.Context, h header) (keys []any, err error) {
	if h.kid != nil {
		named := &jwt.Token{Header: map[string]any{"alg": h.alg, "kid": *h.kid}}
		keys = make([]any, 1)
		keys[0], err = s.keys.KeyfuncCtx(ctx)(named)
	} else {
		var all []jwkset.JWK
		all, err = s.keys.Storage().KeyReadAll(ctx)
		for _, key := range all {
			if key.Marshal().ALG.String() == h.alg {
				keys = append(keys, key.Key())
			}
		}
	}
	switch {
	case errors.Is(err, ErrKeysUnavailable):
		return nil, ErrKeysUnavailable
	case errors.Is(err, jwkset.ErrKeyNotFound):
		return nil, errUnknownKey
	case err != nil || len(keys) == 0:
		return nil, errKeyMismatch
	}
	return keys, nil
}

// mayHaveMissed reports whether the key of a token with the claims, which is not
// in the set, may be newer than the set. A provider publishes a key before it
// signs with it, so the key of a token issued before the last fetch would be
// here. Within the cooldown after a fetch this tells a token signed after a
// rotation, whose bearer must not be signed out, from one with a made-up key.
func (s *KeySet) mayHaveMissed(claims *Claims) bool {
	fetched := s.fetched.Load()
	return fetched != 0 && claims.IssuedAt != nil && claims.IssuedAt.Unix() >= fetched
}
