// Package token verifies the access tokens that Logto issues for an API
// resource: JWTs by the profile of RFC 9068, signed with a key the identity
// provider publishes as a JSON Web Key Set.
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
	"time"
	"unicode"

	"github.com/golang-jwt/jwt/v5"
)

const (
	// maxLength bounds a token in bytes. A Logto token is about 700 bytes long.
	maxLength = 8 << 10
	// maxSubject bounds the subject in bytes. A Logto user id has 12.
	maxSubject = 255
	// leeway is the difference tolerated between the identity provider's clock and ours.
	leeway = 30 * time.Second
)

const malformed = "access token is malformed"

// algorithms are those Logto can sign with. None is symmetric, so a public key
// can never be taken for a shared secret (RFC 8725, section 2.1).
var algorithms = []string{"ES384", "ES256", "ES512", "RS256"}

// Config says which tokens a Verifier accepts. Every field is required.
type Config struct {
	// Issuer is the "iss" claim to expect, letter by letter:
	// https://<tenant>.logto.app/oidc, without a trailing slash.
	Issuer string
	// Audience is the API resource indicator to expect in the "aud" claim.
	Audience string
	// ClientID is the application whose tokens are accepted.
	ClientID string
}

// A Verifier checks access tokens. It is safe for concurrent use.
type Verifier struct {
	clientID  string
	keys      *KeySet
	parser    *jwt.Parser
	validator *jwt.Validator
}

// NewVerifier returns a Verifier of tokens signed by one of keys.
// It returns an error that names the field if the configuration is incomplete.
func NewVerifier(cfg Config, keys *KeySet) (*Verifier, error) {
	return newVerifier(cfg, keys, time.Now)
}

func newVerifier(cfg Config, keys *KeySet, now func() time.Time) (*Verifier, error) {
	if err := checkURL(cfg.Issuer); err != nil {
		return nil, fmt.Errorf("the Issuer %w", err)
	}
	if cfg.Audience == "" {
		return nil, errors.New("the Audience is empty")
	}
	if cfg.ClientID == "" {
		return nil, errors.New("the ClientID is empty")
	}

	options := []jwt.ParserOption{
		jwt.WithValidMethods(algorithms),
		jwt.WithStrictDecoding(),
		jwt.WithIssuer(cfg.Issuer),
		jwt.WithAudience(cfg.Audience),
		jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(),
		jwt.WithLeeway(leeway),
		jwt.WithTimeFunc(now),
	}
	return &Verifier{
		clientID:  cfg.ClientID,
		keys:      keys,
		parser:    jwt.NewParser(options...),
		validator: jwt.NewValidator(options...),
	}, nil
}

// Verify checks the token in JWS compact serialization (RFC 7515, section 7.1)
// and returns its claims. What is cheap to check comes first, so that a token
// which is not ours costs no key look-up and no signature check.
//
// It returns an *InvalidError if the token is not acceptable, and
// ErrKeysUnavailable if that could not be found out.
func (v *Verifier) Verify(ctx context.Context, compact string) (*Claims, error) {
	if len(compact) > maxLength {
		return nil, invalid("too_long", "access token is too long")
	}
	if !strings.Contains(compact, ".") {
		return nil, invalid("opaque", "access token is opaque: request it with the API resource as the \"resource\" parameter")
	}
	// encoding/base64 skips line breaks, so one token would have many spellings.
	if strings.ContainsAny(compact, "\r\n") {
		return nil, invalid("malformed", malformed)
	}

	claims := new(Claims)
	_, err := v.parser.ParseWithClaims(compact, claims, func(t *jwt.Token) (any, error) {
		if err := checkHeader(t.Header); err != nil {
			return nil, err
		}
		if err := v.checkClaims(claims); err != nil {
			return nil, err
		}
		return v.keys.key(ctx, t)
	})
	if err != nil {
		return nil, refusal(err)
	}
	return claims, nil
}

// checkHeader checks the JOSE header (RFC 7515, section 4.1). The algorithm is
// checked by the parser; keys named or embedded in the header are never used.
func checkHeader(header map[string]any) error {
	switch header["typ"] {
	case "at+jwt", "application/at+jwt": // RFC 9068, section 2.1
	case "JWT", nil:
		return invalid("not_an_access_token", "token is not an access token: send the access token for the API resource, not the ID token")
	default:
		return invalid("not_an_access_token", "token is not an access token: its type is not at+jwt")
	}
	// We understand no extension, so one that must be understood is a reason
	// to refuse (RFC 7515, section 4.1.11).
	if _, ok := header["crit"]; ok {
		return invalid("critical_header", "access token has a critical header that is not supported")
	}
	return nil
}

func (v *Verifier) checkClaims(c *Claims) error {
	if err := v.validator.Validate(c); err != nil {
		return err
	}
	if c.Subject == "" || len(c.Subject) > maxSubject || strings.ContainsFunc(c.Subject, unicode.IsControl) {
		return invalid("subject", "access token has no usable subject")
	}
	if c.ClientID != v.clientID {
		return invalid("client_id", "access token was issued to another application")
	}
	return nil
}

// refusal turns what the parser found into an error of this package.
func refusal(err error) error {
	if e, ok := errors.AsType[*InvalidError](err); ok {
		return e
	}
	if errors.Is(err, ErrKeysUnavailable) {
		return ErrKeysUnavailable
	}
	i := slices.IndexFunc(refusals, func(r refusalOf) bool { return errors.Is(err, r.cause) })
	if i < 0 {
		return invalid("malformed", malformed)
	}
	return invalid(refusals[i].reason, refusals[i].message)
}

type refusalOf struct {
	cause           error
	reason, message string
}

// refusals are in the order in which a developer would mend them.
var refusals = []refusalOf{
	{jwt.ErrTokenMalformed, "malformed", malformed},
	{jwt.ErrTokenInvalidIssuer, "issuer", "access token is from another issuer"},
	{jwt.ErrTokenInvalidAudience, "audience", "access token is for another audience: request it for this API resource"},
	{jwt.ErrTokenRequiredClaimMissing, "claim_missing", "access token lacks a required claim"},
	{jwt.ErrTokenExpired, "expired", "access token has expired"},
	{jwt.ErrTokenNotValidYet, "not_yet_valid", "access token is not valid yet"},
	{jwt.ErrTokenUsedBeforeIssued, "not_yet_valid", "access token is not valid yet"},
	{jwt.ErrTokenSignatureInvalid, "signature", "access token's signature is invalid"},
	{jwt.ErrTokenUnverifiable, "algorithm", "access token is signed with an algorithm that is not accepted"},
}
