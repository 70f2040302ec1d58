package token

import (
	"context"
	"crypto/ecdsa"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"

	"github.com/MicahParks/jwkset"
	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
)

// minRSABits is the smallest RSA modulus accepted (RFC 7518, section 3.3).
const minRSABits = 2048

// A KeySet holds the public keys with which an identity provider signs
// (RFC 7517, section 5). It is safe for concurrent use.
type KeySet struct {
	keys  keyfunc.Keyfunc
	close func()
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
	remote := newRemoteKeys(uri, newHTTPClient(), notify)
	set, err := newKeySet(remote)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	set.close = cancel
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

// key returns the key, or the keys, that may have signed t. A token need not
// name its key (RFC 7515, section 4.1.4); then every key that fits its
// algorithm is tried.
func (s *KeySet) key(ctx context.Context, t *jwt.Token) (any, error) {
	found, err := s.keys.KeyfuncCtx(ctx)(t)
	switch {
	case errors.Is(err, ErrKeysUnavailable):
		return nil, ErrKeysUnavailable
	case errors.Is(err, jwkset.ErrKeyNotFound):
		return nil, invalid("unknown_key", "access token is signed with an unknown key")
	case err != nil:
		return nil, invalid("key_mismatch", "access token's header does not fit its signing key")
	}

	candidates, ok := found.(jwt.VerificationKeySet)
	if !ok {
		candidates.Keys = []jwt.VerificationKey{found}
	}
	candidates.Keys = slices.DeleteFunc(candidates.Keys, func(key jwt.VerificationKey) bool {
		return !fits(key, t.Method)
	})
	if len(candidates.Keys) == 0 {
		return nil, invalid("key_mismatch", "access token's algorithm does not fit its signing key")
	}
	return candidates, nil
}

// fits reports whether key is of the kind and the curve that method calls for
// (RFC 7518, sections 3.3 and 3.4).
func fits(key any, method jwt.SigningMethod) bool {
	switch method := method.(type) {
	case *jwt.SigningMethodECDSA:
		key, ok := key.(*ecdsa.PublicKey)
		return ok && key.Curve.Params().BitSize == method.CurveBits
	case *jwt.SigningMethodRSA:
		_, ok := key.(*rsa.PublicKey)
		return ok
	}
	return false
}

// parseKeys reads a JWKS document. A key of a kind we can't use, or a broken
// one, is left out: it must not cost us the others.
func parseKeys(jwks []byte) ([]jwkset.JWK, error) {
	var document struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(jwks, &document); err != nil {
		return nil, fmt.Errorf("key set is not a JWKS document: %w", err)
	}
	var keys []jwkset.JWK
	for _, raw := range document.Keys {
		if key, ok := parseKey(raw); ok {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("key set has no key that can be used")
	}
	return keys, nil
}

func parseKey(raw json.RawMessage) (jwkset.JWK, bool) {
	// The certificates and URLs a key may carry are left out: nothing of them
	// is used, so nothing of them should be read or fetched.
	var key struct {
		KTY jwkset.KTY `json:"kty"`
		USE jwkset.USE `json:"use"`
		ALG jwkset.ALG `json:"alg"`
		KID string     `json:"kid"`
		CRV jwkset.CRV `json:"crv"`
		X   string     `json:"x"`
		Y   string     `json:"y"`
		N   string     `json:"n"`
		E   string     `json:"e"`
	}
	if err := json.Unmarshal(raw, &key); err != nil || (key.USE != "" && key.USE != jwkset.UseSig) {
		return jwkset.JWK{}, false
	}
	jwk, err := jwkset.NewJWKFromMarshal(jwkset.JWKMarshal{
		KTY: key.KTY, USE: key.USE, ALG: key.ALG, KID: key.KID,
		CRV: key.CRV, X: key.X, Y: key.Y, N: key.N, E: key.E,
	}, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
	if err != nil {
		return jwkset.JWK{}, false
	}
	switch public := jwk.Key().(type) {
	case *ecdsa.PublicKey:
		return jwk, true
	case *rsa.PublicKey:
		return jwk, public.N.BitLen() >= minRSABits
	}
	return jwkset.JWK{}, false
}

// checkURL reports what is wrong with s as the absolute URL of an identity
// provider, or nil.
func checkURL(s string) error {
	if s == "" {
		return errors.New("is empty")
	}
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return fmt.Errorf("%q is not an absolute http or https URL", s)
	}
	return nil
}
