package token

import (
	"context"
	"errors"

	"github.com/MicahParks/jwkset"
)

// A KeySet holds the public keys with which an identity provider signs
// (RFC 7517, section 5). It is safe for concurrent use.
type KeySet struct {
	known     *publicKeys
	refresher *refresher // nil if the keys are fixed
	close     func()
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
	return &KeySet{known: keys, refresher: refresher, close: func() {}}, nil
}

// NewStaticKeySet returns the key set of a fixed JWKS document.
// It returns an error if the document holds no key that can be used.
func NewStaticKeySet(jwks []byte) (*KeySet, error) {
	parsed, err := parseKeys(jwks)
	if err != nil {
		return nil, err
	}
	keys, err := newPublicKeys(jwkset.NewMemoryStorage())
	if err != nil {
		return nil, err
	}
	return &KeySet{known: keys, close: func() {}}, keys.replace(context.Background(), parsed)
}

// Close ends the background work of a remote key set. The keys it has stay usable.
func (s *KeySet) Close() { s.close() }

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
	err = s.awaitKeys(ctx, func() error { return s.known.verify(t) })
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
