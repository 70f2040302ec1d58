package token

import (
	"maps"
	"slices"
)

const (
	Logto = "logto"
	Auth0 = "auth0"
)

// A dialect describes the access tokens of an identity provider.
type dialect struct {
	types  []string
	claims map[string]claimReader
	// names are the names of all claims except the custom ones. They are
	// case-sensitive.
	names []string
	// opaque is the error for a token without dots, and encrypted for one with
	// five segments (a JWE, RFC 7516, section 7.1).
	opaque, encrypted *InvalidError
	// machineSuffix may follow the client id in a machine's subject.
	machineSuffix string
	// organization is the prefix of an organization's audience, or empty if the
	// provider has no such audience.
	organization string
}

// RFC 9068, section 2.1.
var accessTokenTypes = []string{"at+jwt", "application/at+jwt"}

// https://docs.logto.io/authorization. A machine's subject is its client id.
var logtoDialect = dialect{
	types:        accessTokenTypes,
	claims:       map[string]claimReader{"organization_id": readOrganizationID},
	opaque:       errOpaque,
	encrypted:    errMalformed,
	organization: "urn:logto:organization:",
}

// https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles. In
// Auth0's own profile the type is JWT, as in ID tokens, and the client id is in
// "azp".
var auth0Dialect = dialect{
	types: append([]string{"JWT"}, accessTokenTypes...),
	claims: map[string]claimReader{
		"azp":    readClientID,
		"org_id": readOrganizationID,
		"permissions": func(c *Claims, value string) error {
			permissions, err := parseStrings(value, maxPermissions)
			c.addScopes(permissions)
			return err
		},
		// Only ID tokens have these claims (OpenID Connect Core, sections 3.1.3.6
		// and 3.3.2.11). Tenants can't add them to access tokens.
		"at_hash": func(*Claims, string) error { return errIDToken },
		"c_hash":  func(*Claims, string) error { return errIDToken },
		"nonce":   func(*Claims, string) error { return errIDToken },
	},
	opaque:        errOpaqueAuth0,
	encrypted:     errOpaqueAuth0,
	machineSuffix: "@clients",
}

func newDialect(provider, prefix string) (*dialect, bool) {
	known, ok := map[string]dialect{"": logtoDialect, Logto: logtoDialect, Auth0: auth0Dialect}[provider]
	if !ok {
		return nil, false
	}
	d := known
	d.claims = maps.Clone(registeredClaims)
	maps.Copy(d.claims, known.claims)
	d.names = slices.Collect(maps.Keys(d.claims))
	for name, read := range customClaims {
		d.claims[prefix+name] = read
	}
	return &d, true
}
