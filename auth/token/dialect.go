package token

import (
	"maps"
	"slices"
	"strings"
)

// The identity providers whose tokens a Verifier understands.
const (
	Logto = "logto"
	Auth0 = "auth0"
)

// A dialect is how an identity provider spells its access tokens.
type dialect struct {
	// types are the values of the header's "typ" that an access token has.
	types []string
	// claims are the claims that are read.
	claims map[string]claimReader
	// names are the names of claims but the custom ones: none may be there in
	// another letter case.
	names []string
	// opaque refuses a token without segments, encrypted one with five, as a JWE
	// has (RFC 7516, section 7.1).
	opaque, encrypted *InvalidError
	// machineSuffix may follow the client id in the subject of a machine.
	machineSuffix string
	// organization is what comes before the id in the audience of an
	// organization's token; empty if there is no such audience.
	organization string
}

// accessTokenTypes are from RFC 9068, section 2.1.
var accessTokenTypes = []string{"at+jwt", "application/at+jwt"}

// logtoDialect: https://docs.logto.io/authorization. The subject of a machine
// is the client id itself.
var logtoDialect = dialect{
	types:        accessTokenTypes,
	claims:       map[string]claimReader{"organization_id": readOrganizationID},
	opaque:       errOpaque,
	encrypted:    errMalformed,
	organization: "urn:logto:organization:",
}

// auth0Dialect: https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles.
// In the provider's own profile the type is JWT, which ID tokens have too, and
// the application is in azp.
var auth0Dialect = dialect{
	types: append([]string{"JWT"}, accessTokenTypes...),
	claims: map[string]claimReader{
		"azp":    readClientID,
		"org_id": readOrganizationID,
		"permissions": func(c *Claims, value string) error {
			permissions, err := texts(value, maxPermissions)
			c.addScopes(permissions)
			return err
		},
		// Only ID tokens have these (OpenID Connect Core, sections 3.1.3.6 and
		// 3.3.2.11), and a tenant can't add them to others.
		"at_hash": func(*Claims, string) error { return errIDToken },
		"c_hash":  func(*Claims, string) error { return errIDToken },
		"nonce":   func(*Claims, string) error { return errIDToken },
	},
	opaque:        errOpaqueAuth0,
	encrypted:     errOpaqueAuth0,
	machineSuffix: "@clients",
}

// newDialect returns the dialect of a provider, with what comes before the
// names of custom claims.
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

// isMachine reports whether the subject is the application itself. It returns
// errSubject if the subject is an application, but another one.
func (d *dialect) isMachine(c *Claims) (bool, error) {
	id, suffixed := strings.CutSuffix(c.Subject, d.machineSuffix)
	if id != c.ClientID && suffixed && d.machineSuffix != "" {
		return false, errSubject
	}
	return id == c.ClientID, nil
}

// organizationOf returns the id of the organization that an audience is.
func (d *dialect) organizationOf(audience string) (id string, ok bool) {
	if d.organization == "" {
		return "", false
	}
	return strings.CutPrefix(audience, d.organization)
}
