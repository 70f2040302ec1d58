package main

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"unsafe"

	"encore.app/auth/token"
)

// A check verifies an access token, or does the part of it that is measured.
type check func(ctx context.Context, compact string) error

// implementations are what the benchmark compares: two lower bounds, this
// package and other libraries. All but the bounds check signature, issuer,
// audience and expiry.
var implementations = [...]struct {
	name string
	new  func(context.Context, *issuer) (check, error)
}{
	signature: {"signature check, standard library", newSignatureCheck},
	digest:    {"SHA-256 of the token", newDigest},
	cold:      {"this package, cold", newCold},
	hot:       {"this package, hot", newHot},
	firstPeer: {"auth0/go-jwt-middleware", newAuth0},
	{"coreos/go-oidc", newGoOIDC},
	{"lestrrat-go/jwx", newJWX},
	guide: {"keys fetched each time, as in the guide", newGuide},
}

const (
	signature = iota
	digest
	cold
	hot
	firstPeer
	guide = firstPeer + 3
)

const cacheBytes = 64 << 20

// newSignatureCheck checks the signature with the standard library and nothing
// else: no verification of a new token can be faster.
func newSignatureCheck(_ context.Context, is *issuer) (check, error) {
	hash := map[string]crypto.Hash{"ES384": crypto.SHA384, "ES256": crypto.SHA256, "RS256": crypto.SHA256}[is.method.Alg()]
	var verify func(digest, signature []byte) bool
	switch key := is.private.Public().(type) {
	case *ecdsa.PublicKey:
		verify = func(digest, signature []byte) bool {
			half := len(signature) / 2
			r, s := new(big.Int).SetBytes(signature[:half]), new(big.Int).SetBytes(signature[half:])
			return ecdsa.Verify(key, digest, r, s)
		}
	case *rsa.PublicKey:
		verify = func(digest, signature []byte) bool {
			return rsa.VerifyPKCS1v15(key, hash, digest, signature) == nil
		}
	default:
		return nil, fmt.Errorf("no signature check for a %T", key)
	}
	return func(_ context.Context, compact string) error {
		dot := strings.LastIndexByte(compact, '.')
		signature, err := base64.RawURLEncoding.DecodeString(compact[dot+1:])
		if err != nil {
			return err
		}
		h := hash.New()
		h.Write(bytesOf(compact[:dot]))
		if !verify(h.Sum(nil), signature) {
			return errors.New("bad signature")
		}
		return nil
	}, nil
}

// newDigest only hashes the token: no cache keyed by its hash can be faster.
func newDigest(context.Context, *issuer) (check, error) {
	return func(_ context.Context, compact string) error {
		_ = sha256.Sum256(bytesOf(compact))
		return nil
	}, nil
}

// bytesOf returns the bytes of s without copying them. They must not be changed.
func bytesOf(s string) []byte {
	return unsafe.Slice(unsafe.StringData(s), len(s))
}

// newCold verifies every token as if it were new.
func newCold(ctx context.Context, is *issuer) (check, error) { return newOwn(ctx, is, 0) }

// newHot verifies tokens that are already in the cache.
func newHot(ctx context.Context, is *issuer) (check, error) { return newOwn(ctx, is, cacheBytes) }

func newOwn(ctx context.Context, is *issuer, cacheBytes int) (check, error) {
	v, err := newVerifier(ctx, is, cacheBytes)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, compact string) error {
		_, err := v.Verify(ctx, compact)
		return err
	}, nil
}

// newVerifier returns a verifier of the issuer's tokens. It fetches keys until
// ctx is done.
func newVerifier(ctx context.Context, is *issuer, cacheBytes int) (*token.Verifier, error) {
	keys, err := token.NewRemoteKeySet(is.server.URL, func(error) {})
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, keys.Close)
	return token.NewVerifier(token.Config{
		Issuer:     issuerURL,
		Audience:   audience,
		ClientIDs:  []string{clientID},
		Algorithms: []string{is.method.Alg()},
		CacheBytes: cacheBytes,
	}, keys)
}
