package token

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/MicahParks/jwkset"
)

// minRSABits is the smallest RSA modulus accepted (RFC 7518, section 3.3).
const minRSABits = 2048

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

// parseKey reads a JWK (RFC 7517, section 4). The key it returns is public and
// has an algorithm that it fits.
func parseKey(raw json.RawMessage) (jwkset.JWK, bool) {
	// The certificates and URLs a key may carry are left out: nothing of them
	// is used, so nothing of them should be read or fetched.
	var key struct {
		KTY    jwkset.KTY      `json:"kty"`
		USE    jwkset.USE      `json:"use"`
		KEYOPS []jwkset.KEYOPS `json:"key_ops"`
		ALG    jwkset.ALG      `json:"alg"`
		KID    string          `json:"kid"`
		CRV    jwkset.CRV      `json:"crv"`
		X      string          `json:"x"`
		Y      string          `json:"y"`
		N      string          `json:"n"`
		E      string          `json:"e"`
	}
	if err := json.Unmarshal(raw, &key); err != nil {
		return jwkset.JWK{}, false
	}
	if key.USE != "" && key.USE != jwkset.UseSig {
		return jwkset.JWK{}, false
	}
	if key.KEYOPS != nil && !slices.Contains(key.KEYOPS, jwkset.KeyOpsVerify) {
		return jwkset.JWK{}, false
	}
	public := jwkset.JWKMarshal{
		KTY: key.KTY, USE: key.USE, ALG: key.ALG, KID: key.KID,
		CRV: key.CRV, X: key.X, Y: key.Y, N: key.N, E: key.E,
	}
	jwk, err := jwkset.NewJWKFromMarshal(public, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
	if err != nil {
		return jwkset.JWK{}, false
	}
	usual, ok := usualAlgorithm(jwk.Key())
	if !ok {
		return jwkset.JWK{}, false
	}
	if key.ALG == "" {
		// After a rotation to RSA, Logto's key has no "alg".
		public.ALG = usual
		jwk, err = jwkset.NewJWKFromMarshal(public, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
		return jwk, err == nil
	}
	return jwk, key.ALG == usual || (usual == jwkset.AlgRS256 && isRSA(key.ALG))
}

// usualAlgorithm returns the algorithm for which a key without one is taken.
// An elliptic curve has no other (RFC 7518, section 3.4). It reports false for
// a key that is not acceptable for any.
func usualAlgorithm(key any) (jwkset.ALG, bool) {
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		algorithm, ok := map[int]jwkset.ALG{
			256: jwkset.AlgES256,
			384: jwkset.AlgES384,
			521: jwkset.AlgES512,
		}[key.Curve.Params().BitSize]
		return algorithm, ok
	case *rsa.PublicKey:
		return jwkset.AlgRS256, key.N.BitLen() >= minRSABits
	case ed25519.PublicKey:
		return jwkset.AlgEdDSA, true
	}
	return "", false
}

func isRSA(algorithm jwkset.ALG) bool {
	_, ok := methods[algorithm.String()]
	return ok && (strings.HasPrefix(algorithm.String(), "RS") || strings.HasPrefix(algorithm.String(), "PS"))
}
