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

const (
	// MaxLeeway is the largest difference between clocks that can be tolerated.
	MaxLeeway = 60 * time.Second
	// maxLength bounds a token in bytes. A Logto token is about 700 bytes long.
	maxLength = 8 << 10
)

// DefaultAlgorithms are those that Logto can sign with.
var DefaultAlgorithms = []string{"ES384", "ES256", "ES512", "RS256"}

// Config says which tokens a Verifier accepts.
type Config struct {
	// Provider is Logto or Auth0. None means Logto.
	Provider string
	// Issuer is the "iss" claim to expect, letter by letter:
	// https://<tenant>.logto.app/oidc, without a trailing slash, or
	// https://<tenant>.auth0.com/, with one. Required.
	Issuer string
	// Audience is the API resource indicator to expect in the "aud" claim. Required.
	Audience string
	// OrganizationTokens says that Logto's tokens for an organization instead of
	// an API resource are accepted too: those whose only audience is
	// urn:logto:organization:<id>. Their scopes are not the API resource's but
	// the organization's.
	OrganizationTokens bool
	// ClientIDs are the applications whose tokens are accepted. At least one is required.
	ClientIDs []string
	// CustomClaimPrefix comes before the names of the custom claims "roles",
	// "email", "name", "username" and "picture". Auth0 wants a namespace there,
	// such as https://example.com/.
	CustomClaimPrefix string
	// Algorithms are the signature algorithms that are accepted, by their names
	// in RFC 7518, section 3.1, and RFC 8037. None means DefaultAlgorithms.
	Algorithms []string
	// Leeway is the difference tolerated between the identity provider's clock
	// and ours, MaxLeeway at most.
	Leeway time.Duration
	// CacheBytes bounds the memory for remembering verified tokens. With 0 no
	// token is remembered.
	CacheBytes int
}

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

func (c Config) validate() error {
	if err := checkURL(c.Issuer); err != nil {
		return fmt.Errorf("the Issuer %w", err)
	}
	if c.Audience == "" {
		return errors.New("the Audience is empty")
	}
	if _, ok := logtoDialect.organizationOf(c.Audience); ok {
		return errors.New("the Audience is an organization: set OrganizationTokens instead")
	}
	if slices.Contains(c.ClientIDs, c.Audience) {
		return errors.New("the Audience is a ClientID: that is the audience of ID tokens")
	}
	if len(c.ClientIDs) == 0 || slices.Contains(c.ClientIDs, "") {
		return errors.New("a ClientID is empty")
	}
	if c.Provider == Auth0 && !strings.HasSuffix(c.Issuer, "/") {
		return fmt.Errorf("the Issuer %q lacks the slash that Auth0's ends with", c.Issuer)
	}
	if c.Provider == Auth0 && c.OrganizationTokens {
		return errors.New("the OrganizationTokens are only Logto's")
	}
	for _, algorithm := range c.Algorithms {
		if _, ok := methods[algorithm]; !ok {
			return fmt.Errorf("the Algorithm %q is not supported", algorithm)
		}
	}
	if c.Leeway < 0 || c.Leeway > MaxLeeway {
		return fmt.Errorf("the Leeway %s is not between 0 and %s", c.Leeway, MaxLeeway)
	}
	if c.CacheBytes < 0 {
		return errors.New("the CacheBytes are negative")
	}
	return nil
}

// checkURL reports what is wrong with s as the absolute URL of an identity
// provider, or nil.
func checkURL(s string) error {
	if s == "" {
		return errors.New("is empty")
	}
	if !isWebURL(s) {
		return fmt.Errorf("%q is not an absolute http or https URL", s)
	}
	return nil
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
	claims, err := v.memory.recall(id, v.now(), v.keys)
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
	if claims, err := v.memory.recall(id, v.now(), v.keys); claims != nil || err != nil {
		return claims, err
	}
	result, err, _ := v.flight.Do(string(id[:]), func() (any, error) {
		began := time.Now()
		withdrawals, changes := v.keys.withdrawals.Load(), v.keys.changes.Load()
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
		return nil, refusal(err)
	}
	err = v.validator.Validate(claims)
	if errors.Is(err, jwt.ErrTokenInvalidIssuer) {
		return nil, errIssuer.got(claims.Issuer, v.issuer)
	}
	if err := v.checkAudience(claims, anyAudience); err != nil {
		return nil, err
	}
	if err != nil {
		return nil, refusal(err)
	}
	if err := v.checkClaims(claims); err != nil {
		return nil, err
	}
	if err := v.keys.verify(t); err != nil {
		return nil, err
	}
	claims.OtherAPI = anyAudience
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
	// We understand no extension, so one that must be understood is a reason
	// to refuse (RFC 7515, section 4.1.11).
	if h.critical {
		return errCritical
	}
	return nil
}

// checkAudience checks that the token is for this API, and takes over the
// organization that it may name.
func (v *Verifier) checkAudience(c *Claims, anyAudience bool) error {
	if len(c.Audience) == 0 {
		return errClaimMissing
	}
	for _, audience := range c.Audience {
		// The audience of an ID token is the application.
		if slices.Contains(v.clientIDs, audience) {
			return errIDToken
		}
	}
	for _, audience := range c.Audience {
		id, ok := v.dialect.organizationOf(audience)
		if ok && anyAudience && !isOrganization(c, id) {
			return errOrganization
		}
		if ok && !anyAudience {
			return v.checkOrganization(c, id)
		}
	}
	if anyAudience {
		return nil
	}
	if !slices.Contains(c.Audience, v.audience) {
		return v.wrongAudience(c)
	}
	return nil
}

func (v *Verifier) wrongAudience(c *Claims) error {
	return errAudience.got(strings.Join(c.Audience, " "), v.audience)
}

// checkOrganization checks a token that has an organization in its audience.
// Beside another audience it would be unclear whose list a call is about.
func (v *Verifier) checkOrganization(c *Claims, id string) error {
	if !v.organizationTokens || len(c.Audience) != 1 {
		return v.wrongAudience(c)
	}
	if !isOrganization(c, id) {
		return errOrganization
	}
	c.OrganizationID = id
	return nil
}

// isOrganization reports whether the organization in the audience can be the one
// that the bearer acts for.
func isOrganization(c *Claims, id string) bool {
	return isID(id) && (c.OrganizationID == "" || c.OrganizationID == id)
}

// checkClaims checks who bears the token.
func (v *Verifier) checkClaims(c *Claims) error {
	if !isID(c.Subject) {
		return errSubject
	}
	if !slices.Contains(v.clientIDs, c.ClientID) {
		return errClientID.got(c.ClientID, strings.Join(v.clientIDs, " "))
	}
	var err error
	c.Machine, err = v.dialect.isMachine(c)
	return err
}

// refusal turns what was found wrong into an error of this package.
func refusal(err error) error {
	var refused *InvalidError
	if errors.As(err, &refused) {
		return refused
	}
	for _, r := range refusals {
		if errors.Is(err, r.cause) {
			return r.refusal
		}
	}
	return errMalformed
}

// refusals are in the order in which a developer would fix them.
var refusals = []struct{ cause, refusal error }{
	{jwt.ErrTokenRequiredClaimMissing, errClaimMissing},
	{jwt.ErrTokenExpired, errExpired},
	{jwt.ErrTokenNotValidYet, errNotYetValid},
	{jwt.ErrTokenUsedBeforeIssued, errNotYetValid},
}
