package token

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
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
