package token

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"
)

// Claims are the claims of an access token for an API resource (RFC 9068,
// section 2.2). They embed the registered claims of RFC 7519, section 4.1.
type Claims struct {
	jwt.RegisteredClaims

	// ClientID is the application the token was issued to (RFC 8693, section 4.3).
	ClientID string
	// Scopes are the permissions granted, in the order of the token.
	// It is empty when the person holds no role that grants any.
	Scopes []string
	// OrganizationID is the organization that the bearer acts for, or empty.
	OrganizationID string
	// OtherAPI says that the token is for another API, so that its scopes, roles
	// and organization say nothing about this one. VerifyAnyAudience accepts it.
	OtherAPI bool
	// Machine says that the bearer is an application that acts for itself: the
	// subject is no person.
	Machine bool

	// Roles are a custom claim. They are empty if it is anything but an array
	// of strings of a usual size.
	Roles []string
	// Email, Name, Username and Picture are custom claims too. One that is
	// absent, no string, too long or not fit to be stored is empty: a tenant's
	// mistake there is no reason to refuse anybody.
	Email, Name, Username, Picture string
}

// Bounds of claims, in bytes unless they say otherwise.
const (
	// maxID bounds a subject and an organization's id. Logto's have 12 bytes.
	maxID = 255
	// maxRoles is the number of roles, maxRole bounds one.
	maxRoles, maxRole = 100, 128
	// maxAudiences and maxPermissions are numbers too.
	maxAudiences, maxPermissions = 100, 1000
	// maxEmail is from RFC 5321, section 4.5.3.1.
	maxEmail = 320
	// maxName is four times the 128 characters that Logto allows.
	maxName = 512
	maxURL  = 2048
)

// parseClaims reads a claims set (RFC 7519, section 4) in a provider's dialect.
func parseClaims(data []byte, d *dialect) (*Claims, error) {
	c := new(Claims)
	err := decodeObject(data, d.names, func(name, value string) error {
		if read := d.claims[name]; read != nil {
			return read(c, value)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// A claimReader sets what a claim's value says.
type claimReader func(c *Claims, value string) error

// registeredClaims are those that every provider spells alike.
var registeredClaims = map[string]claimReader{
	"iss": func(c *Claims, value string) (err error) { c.Issuer, err = text(value); return },
	"sub": func(c *Claims, value string) (err error) { c.Subject, err = text(value); return },
	"aud": func(c *Claims, value string) (err error) { c.Audience, err = textOrTexts(value, maxAudiences); return },
	"exp": func(c *Claims, value string) (err error) { c.ExpiresAt, err = date(value); return },
	"nbf": func(c *Claims, value string) (err error) { c.NotBefore, err = date(value); return },
	"iat": func(c *Claims, value string) (err error) { c.IssuedAt, err = date(value); return },
	"jti": func(c *Claims, value string) (err error) { c.ID, err = text(value); return },
	"scope": func(c *Claims, value string) error {
		scope, err := text(value)
		c.addScopes(strings.Fields(scope))
		return err
	},
	"client_id": readClientID,
}

// customClaims are those that a tenant may add to its tokens.
var customClaims = map[string]claimReader{
	"roles": func(c *Claims, value string) error {
		// All or none: a role that is left out might be the one that forbids.
		if roles, err := texts(value, maxRoles); err == nil && !slices.ContainsFunc(roles, func(role string) bool {
			return !isPlain(role, maxRole)
		}) {
			c.Roles = roles
		}
		return nil
	},
	"email":    profileClaim(func(c *Claims) *string { return &c.Email }, maxEmail),
	"name":     profileClaim(func(c *Claims) *string { return &c.Name }, maxName),
	"username": profileClaim(func(c *Claims) *string { return &c.Username }, maxName),
	"picture": func(c *Claims, value string) error {
		if picture, err := text(value); err == nil && isPlain(picture, maxURL) && isWebURL(picture) {
			c.Picture = picture
		}
		return nil
	},
}

func profileClaim(field func(*Claims) *string, limit int) claimReader {
	return func(c *Claims, value string) error {
		if s, err := text(value); err == nil && isPlain(s, limit) {
			*field(c) = s
		}
		return nil
	}
}

// readClientID reads a claim that names the application. If two do they must agree.
func readClientID(c *Claims, value string) error {
	id, err := text(value)
	if err != nil || (c.ClientID != "" && id != "" && c.ClientID != id) {
		return errMalformed
	}
	c.ClientID = cmp.Or(id, c.ClientID)
	return nil
}

func readOrganizationID(c *Claims, value string) error {
	if value == "null" {
		return nil
	}
	id, err := text(value)
	if err == nil && !IsID(id) {
		return errOrganization
	}
	c.OrganizationID = id
	return err
}

// addScopes adds those that are not there yet.
func (c *Claims) addScopes(scopes []string) {
	if c.Scopes == nil {
		c.Scopes = scopes
		return
	}
	have := make(map[string]struct{}, len(c.Scopes)+len(scopes))
	for _, scope := range c.Scopes {
		have[scope] = struct{}{}
	}
	for _, scope := range scopes {
		if _, ok := have[scope]; !ok {
			have[scope] = struct{}{}
			c.Scopes = append(c.Scopes, scope)
		}
	}
}

// IsID reports whether s can be the id of somebody or something: 1 to 255 bytes of
// UTF-8 without control characters. U+FFFD, which takes the place of what could not
// be read, is not allowed either, so that two ids can't become the same.
func IsID(s string) bool {
	return isPlain(s, maxID) && !strings.ContainsRune(s, utf8.RuneError)
}

// isPlain reports whether s is a text of limited length without control
// characters, such as NUL, which Postgres does not store.
func isPlain(s string, limit int) bool {
	return s != "" && len(s) <= limit && !strings.ContainsFunc(s, unicode.IsControl)
}

// isWebURL reports whether s is an absolute http or https URL.
func isWebURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}
