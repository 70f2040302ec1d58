// Package token verifies the access tokens that Logto or Auth0 issues for an
// API resource: JWTs, by the profile of RFC 9068 or nearly so, signed with a key
// the identity provider publishes as a JSON Web Key Set.
//
// It knows nothing of HTTP handlers, Encore or users. A token it accepts is
// authentic, fresh, meant for this API and issued to a known application;
// what its bearer may do is for the caller to decide from the scopes.
package token

import (
	"context"
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

	memory *memory
	gate   *gate
	flight singleflight.Group // one check for all who send the same token

	accepted, recalled atomic.Uint64 // see VerifierStats
}

// NewVerifier returns a Verifier of tokens signed by one of keys.
// It returns an error that names the field whose value is not acceptable.
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
		now:    now,
		memory: newMemory(cfg.CacheBytes),
		gate:   newGate(),
	}, nil
}

// Verify checks the token in JWS compact serialization (RFC 7515, section 7.1)
// and returns its claims, which belong to all who send that token: don't
// change them.
//
// It returns an *InvalidError if the token is not acceptable, and
// ErrKeysUnavailable, ErrBusy or the context's error if that could not be found
// out.
func (v *Verifier) Verify(ctx context.Context, compact string) (*Claims, error) {
	if len(compact) > maxLength {
		return nil, errTooLong
	}
	return v.once(ctx, compact, identify(compact), false)
}

// VerifyAnyAudience is like Verify, for a token that may be for another API: it
// tells who bears it. The scopes, roles and organization of such a token are
// for the API in its audience and say nothing about others.
func (v *Verifier) VerifyAnyAudience(ctx context.Context, compact string) (*Claims, error) {
	claims, err := v.Verify(ctx, compact)
	if !errors.Is(err, errAudience) {
		return claims, err
	}
	// It is for another API, and remembered under an id that Verify never asks for.
	id := identify(compact)
	id[0] ^= 1
	return v.once(ctx, compact, id, true)
}

// once judges a token unless what became of it is remembered.
func (v *Verifier) once(ctx context.Context, compact string, id tokenID, anyAudience bool) (*Claims, error) {
	claims, err := v.memory.recall(id, v.now(), v.keys.known)
	if claims != nil {
		v.recalled.Add(1)
	}
	if claims != nil || err != nil {
		return claims, err
	}
	err = v.keys.awaitKeys(ctx, func() error {
		claims, err = v.judge(ctx, compact, id, anyAudience)
		return err
	})
	if err == nil {
		v.accepted.Add(1)
	}
	return claims, err
}

// judge waits for its turn to verify a token with the keys at hand, and
// remembers what became of it.
func (v *Verifier) judge(ctx context.Context, compact string, id tokenID, anyAudience bool) (*Claims, error) {
	if err := v.gate.enter(ctx); err != nil {
		return nil, err
	}
	var rejected time.Duration
	defer func() { v.gate.leave(rejected) }()
	// Somebody with the same token may have had their turn meanwhile, or have it now.
	if claims, err := v.memory.recall(id, v.now(), v.keys.known); claims != nil || err != nil {
		return claims, err
	}
	result, err, _ := v.flight.Do(string(id[:]), func() (any, error) {
		began := time.Now()
		withdrawals, changes := v.keys.known.withdrawals.Load(), v.keys.known.changes.Load()
		claims, err := v.verify(compact, anyAudience)
		if err != nil {
			rejected = time.Since(began)
			v.memory.addRejected(id, err, changes)
			return nil, err
		}
		v.memory.addVerified(id, verifiedToken{claims, len(compact), withdrawals})
		return claims, nil
	})
	claims, _ := result.(*Claims)
	return claims, err
}

// verify checks what is cheap to check first, so that a token which is not
// ours costs no key look-up and no signature check. It uses the validator and
// the signing methods of golang-jwt but not its parser, which checks the claims
// last and is lenient about repeated names, their letter case and line breaks.
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
	claims, err := parseClaims(t.payload, v.dialect)
	if err != nil {
		return nil, asInvalid(err)
	}
	err = v.validator.Validate(claims)
	if errors.Is(err, jwt.ErrTokenInvalidIssuer) {
		return nil, errIssuer.got(claims.Issuer, v.issuer)
	}
	if err := v.checkAudience(claims, anyAudience); err != nil {
		return nil, err
	}
	if err != nil {
		return nil, asInvalid(err)
	}
	if err := v.checkClaims(claims); err != nil {
		return nil, err
	}
	if err := v.keys.known.verify(t); err != nil {
		return nil, err
	}
	claims.OtherAPI = anyAudience
	return claims, nil
}
