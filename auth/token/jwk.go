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
	"github.com/golang-jwt/jwt/v5"
)

// The smallest RSA key (RFC 7518, section 3.3).
const minRSABits = 2048

// parseKeys parses a JWKS document. It skips keys that are broken or not supported,
// so that the others still work.
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

// parseKey parses a JWK (RFC 7517, section 4). The key is public and fits its
// algorithm, or any supported algorithm if it names none.
func parseKey(raw json.RawMessage) (jwkset.JWK, bool) {
	// Certificates and URLs are left out, so that nothing parses or fetches them.
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
	if key.ALG == "" { // Logto's RSA keys have no alg
		return jwk, fitsAny(jwk.Key())
	}
	return jwk, fits(jwk.Key(), key.ALG.String())
}

func fitsAny(key any) bool {
	for algorithm := range methods {
		if fits(key, algorithm) {
			return true
		}
	}
	return false
}

// fits reports whether the key's type, curve and size fit the algorithm (RFC 7518,
// sections 3.3 to 3.5, and RFC 8037, section 3.1).
func fits(key any, algorithm string) bool {
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		method, ok := methods[algorithm].(*jwt.SigningMethodECDSA)
		return ok && method.CurveBits == key.Curve.Params().BitSize
	case *rsa.PublicKey:
		isRSA := strings.HasPrefix(algorithm, "RS") || strings.HasPrefix(algorithm, "PS")
		return isRSA && methods[algorithm] != nil && key.N.BitLen() >= minRSABits
	case ed25519.PublicKey:
		return algorithm == jwt.SigningMethodEdDSA.Alg()
	}
	return false
}
