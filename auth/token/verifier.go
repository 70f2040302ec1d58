// Package token verifies access tokens of Logto or Auth0: JWTs that follow RFC 9068
// (Auth0's own profile differs slightly), signed with a key from the identity
// provider's JSON Web Key Set.
//
// It imports nothing from Encore and knows no HTTP handlers or users. A verified
// token is authentic, current, meant for this API and issued to a known application.
// The caller decides by its scopes what is allowed.
package token

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/sync/singleflight"
)

// A Verifier checks access tokens. It is safe for concurrent use.
type Verifier struct {
	dialect            *dialect
	issuer             string
	audience           string
	organizationTokens bool
	clientIDs          []string
	algorithms         []string
	keys               *KeySet
	validator          *jwt.Validator
	now                func() time.Time

	cache  *tokenCache
	gate   *gate
	flight singleflight.Group // concurrent calls with the same token share one check

	accepted, cacheHits atomic.Uint64 // see VerifierStats
}

// NewVerifier returns a Verifier for tokens signed by one of keys. If a field of the
// configuration is not valid, the error names it.
func NewVerifier(cfg Config, keys *KeySet) (*Verifier, error) {
	return newVerifier(cfg, keys, time.Now)
}

func newVerifier(cfg Config, keys *KeySet, now func() time.Time) (*Verifier, error) {
	dialect, ok := newDialect(cfg.Provider, cfg.CustomClaimPrefix)
	if !ok {
		return nil, fmt.Errorf("the Provider %q is not supported", cfg.Provider)
	}
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	algorithms := cfg.Algorithms
	if len(algorithms) == 0 {
		algorithms = DefaultAlgorithms
	}
	return &Verifier{
		dialect:            dialect,
		issuer:             cfg.Issuer,
		audience:           cfg.Audience,
		organizationTokens: cfg.OrganizationTokens,
		clientIDs:          slices.Clone(cfg.ClientIDs),
		algorithms:         slices.Clone(algorithms),
		keys:               keys,
		validator: jwt.NewValidator(
			jwt.WithIssuer(cfg.Issuer),
			jwt.WithExpirationRequired(),
			jwt.WithIssuedAt(),
			jwt.WithLeeway(cfg.Leeway),
			jwt.WithTimeFunc(now),
		),
		now:   now,
		cache: newTokenCache(cfg.CacheBytes),
		gate:  newGate(),
	}, nil
}

// Bearer returns the token in an Authorization header (RFC 6750, section 2.1), or
// "". The scheme is case-insensitive (RFC 9110, section 11.1).
func Bearer(authorization string) string {
	scheme, token, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return token
}

// Verify verifies an access token in JWS compact serialization (RFC 7515, section
// 7.1) and returns its claims. Don't modify them: they are cached.
//
// It returns an *InvalidError if the token is not valid, and ErrKeysUnavailable,
// ErrBusy or the context's error if it can't be verified now.
func (v *Verifier) Verify(ctx context.Context, compact string) (*Claims, error) {
	if len(compact) > maxLength {
		return nil, errTooLong
	}
	return v.verifyCached(ctx, compact, hashToken(compact), false)
}

// VerifyAnyAudience is like Verify, but also accepts tokens for other APIs. It tells
// only who the bearer is: the scopes, roles and organization of such a token apply to
// the API in its audience.
func (v *Verifier) VerifyAnyAudience(ctx context.Context, compact string) (*Claims, error) {
	claims, err := v.Verify(ctx, compact)
	if !errors.Is(err, errAudience) {
		return claims, err
	}
	// Cache it under a different id, so that Verify never finds it.
	id := hashToken(compact)
	id[0] ^= 1
	return v.verifyCached(ctx, compact, id, true)
}

// tokenID identifies a token in the cache and among the running checks.
type tokenID [sha256.Size]byte

func hashToken(compact string) tokenID {
	var stack [1 << 10]byte // large enough for most tokens, so that they aren't copied to the heap
	return sha256.Sum256(append(stack[:0], compact...))
}

func (v *Verifier) verifyCached(ctx context.Context, compact string, id tokenID, anyAudience bool) (*Claims, error) {
	claims, err := v.cache.get(id, v.now(), v.keys.current)
	if claims != nil {
		v.cacheHits.Add(1)
	}
	if claims != nil || err != nil {
		return claims, err
	}
	err = v.keys.withFreshKeys(ctx, func() error {
		claims, err = v.verifyUncached(ctx, compact, id, anyAudience)
		return err
	})
	if err == nil {
		v.accepted.Add(1)
	}
	return claims, err
}

func (v *Verifier) verifyUncached(ctx context.Context, compact string, id tokenID, anyAudience bool) (*Claims, error) {
	if err := v.gate.enter(ctx); err != nil {
		return nil, err
	}
	var rejected time.Duration
	defer func() { v.gate.leave(rejected) }()
	// The same token may have been verified during the wait.
	if claims, err := v.cache.get(id, v.now(), v.keys.current); claims != nil || err != nil {
		return claims, err
	}
	result, err, _ := v.flight.Do(string(id[:]), func() (any, error) {
		began := time.Now()
		removals, changes := v.keys.current.removals.Load(), v.keys.current.changes.Load()
		claims, err := v.verify(compact, anyAudience)
		if err != nil {
			rejected = time.Since(began)
			v.cache.addRejected(id, err, changes)
			return nil, err
		}
		v.cache.addVerified(id, verifiedToken{claims, len(compact), removals})
		return claims, nil
	})
	claims, _ := result.(*Claims)
	return claims, err
}

// verify does the cheap checks first, before the signature check. It uses
// golang-jwt's validator and signing methods but not its parser, which checks the
// claims last and accepts repeated names, names in another letter case and line
// breaks.
func (v *Verifier) verify(compact string, anyAudience bool) (*Claims, error) {
	switch strings.Count(compact, ".") {
	case 0:
		return nil, v.dialect.opaque
	case 4:
		return nil, v.dialect.encrypted
	}
	t, err := parse(compact)
	if err != nil {
		return nil, err
	}
	if err := v.checkHeader(t.header); err != nil {
		return nil, err
	}
	claims, err := v.readClaims(t.payload, anyAudience)
	if err != nil {
		return nil, err
	}
	if err := v.keys.current.verify(t); err != nil {
		return nil, err
	}
	return claims, nil
}

// checkHeader checks the JOSE header (RFC 7515, section 4.1).
func (v *Verifier) checkHeader(h header) error {
	switch {
	case slices.Contains(v.dialect.types, h.typ):
	case h.typ == "JWT" || h.typ == "":
		return errIDToken
	default:
		return errType
	}
	if !slices.Contains(v.algorithms, h.alg) {
		return errAlgorithm
	}
	// We support no critical extensions (RFC 7515, section 4.1.11).
	if h.critical {
		return errCritical
	}
	return nil
}
