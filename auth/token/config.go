package token

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	// MaxLeeway is the largest Leeway.
	MaxLeeway = 60 * time.Second
	// maxLength is the largest token, in bytes. A Logto token has about 700.
	maxLength = 8 << 10
)

// DefaultAlgorithms are the algorithms that Logto can sign with.
var DefaultAlgorithms = []string{"ES384", "ES256", "ES512", "RS256"}

// Config says which tokens a Verifier accepts.
type Config struct {
	// Provider is Logto or Auth0. The default is Logto.
	Provider string
	// Issuer is the expected "iss" claim. It must match exactly:
	// https://<tenant>.logto.app/oidc without a slash at the end, or
	// https://<tenant>.auth0.com/ with one. Required.
	Issuer string
	// Audience is the API resource expected in the "aud" claim. Required.
	Audience string
	// OrganizationTokens also accepts Logto's tokens whose only audience is
	// urn:logto:organization:<id>. Their scopes are the organization's.
	OrganizationTokens bool
	// ClientIDs are the applications whose tokens are accepted. At least one is required.
	ClientIDs []string
	// CustomClaimPrefix is the prefix of all custom claims. Auth0 requires a
	// namespace, such as https://example.com/.
	CustomClaimPrefix string
	// Algorithms are the accepted signature algorithms (RFC 7518, section 3.1,
	// and RFC 8037). The default is DefaultAlgorithms.
	Algorithms []string
	// Leeway is the tolerated difference between the identity provider's clock
	// and ours, at most MaxLeeway.
	Leeway time.Duration
	// CacheBytes limits the memory for verified tokens. With 0 nothing is cached.
	CacheBytes int
}

func (c Config) validate() error {
	if err := checkURL(c.Issuer); err != nil {
		return fmt.Errorf("the Issuer %w", err)
	}
	if c.Audience == "" {
		return errors.New("the Audience is empty")
	}
	if _, ok := organizationOf(c.Audience, logtoDialect.organization); ok {
		return errors.New("the Audience is an organization: set OrganizationTokens instead")
	}
	if slices.Contains(c.ClientIDs, c.Audience) {
		return errors.New("the Audience is a ClientID: that is the audience of ID tokens")
	}
	if len(c.ClientIDs) == 0 || slices.Contains(c.ClientIDs, "") {
		return errors.New("at least one ClientID is required, and none may be empty")
	}
	if c.Provider == Auth0 && !strings.HasSuffix(c.Issuer, "/") {
		return fmt.Errorf("the Issuer %q must end with a slash for Auth0", c.Issuer)
	}
	if c.Provider == Auth0 && c.OrganizationTokens {
		return errors.New("OrganizationTokens is for Logto only")
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
		return errors.New("CacheBytes is negative")
	}
	return nil
}

func checkURL(s string) error {
	if s == "" {
		return errors.New("is empty")
	}
	if !isWebURL(s) {
		return fmt.Errorf("%q is not an absolute http or https URL", s)
	}
	return nil
}
