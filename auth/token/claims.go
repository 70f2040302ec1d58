package token

import (
	"cmp"
	"errors"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"
)

// Claims are the claims of an access token (RFC 9068, section 2.2), including the
// registered claims (RFC 7519, section 4.1).
type Claims struct {
	jwt.RegisteredClaims

	ClientID       string
	Scopes         []string
	OrganizationID string
	// OtherAPI is set if the token is for another API, see VerifyAnyAudience.
	OtherAPI bool
	// Machine is set if the subject is an application.
	Machine bool

	// Roles are a custom claim, empty if it isn't a valid array of strings.
	Roles []string
	// Email, Name, Username and Picture are custom claims. An invalid one is
	// empty: a tenant's mistake must not lock anyone out.
	Email, Name, Username, Picture string
}

// Limits of claims, in bytes if not stated otherwise.
const (
	// maxID is for subjects and organization ids. Logto's have 12 bytes.
	maxID = 255
	// maxRoles is the number of roles, maxRole the length of one.
	maxRoles, maxRole            = 100, 128
	maxAudiences, maxPermissions = 100, 1000
	// maxEmail is from RFC 5321, section 4.5.3.1.
	maxEmail = 320
	// maxName is four times Logto's limit of 128 characters.
	maxName = 512
	maxURL  = 2048
)

// readClaims decodes the claims in a token's payload and checks them. With
// anyAudience, the token may be for another API.
func (v *Verifier) readClaims(payload []byte, anyAudience bool) (*Claims, error) {
	c, err := parseClaims(payload, v.dialect)
	if err != nil {
		return nil, asInvalid(err)
	}
	// In the order in which a developer should fix them.
	invalid := v.validator.Validate(c)
	if errors.Is(invalid, jwt.ErrTokenInvalidIssuer) {
		return nil, errIssuer.withValues(c.Issuer, v.issuer)
	}
	if err := v.checkAudience(c, anyAudience); err != nil {
		return nil, err
	}
	if invalid != nil {
		return nil, asInvalid(invalid)
	}
	if err := v.checkClient(c); err != nil {
		return nil, err
	}
	c.OtherAPI = anyAudience
	return c, nil
}

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

type claimReader func(c *Claims, value string) error

// registeredClaims have the same names at every provider.
var registeredClaims = map[string]claimReader{
	"iss": func(c *Claims, value string) (err error) { c.Issuer, err = parseString(value); return },
	"sub": func(c *Claims, value string) (err error) { c.Subject, err = parseString(value); return },
	"aud": func(c *Claims, value string) (err error) {
		c.Audience, err = parseStringOrStrings(value, maxAudiences)
		return
	},
	"exp": func(c *Claims, value string) (err error) { c.ExpiresAt, err = parseDate(value); return },
	"nbf": func(c *Claims, value string) (err error) { c.NotBefore, err = parseDate(value); return },
	"iat": func(c *Claims, value string) (err error) { c.IssuedAt, err = parseDate(value); return },
	"jti": func(c *Claims, value string) (err error) { c.ID, err = parseString(value); return },
	"scope": func(c *Claims, value string) error {
		scope, err := parseString(value)
		c.addScopes(strings.Fields(scope))
		return err
	},
	"client_id": readClientID,
}

// customClaims are claims that a tenant may add to its tokens.
var customClaims = map[string]claimReader{
	"roles": func(c *Claims, value string) error {
		// All or none: the missing role might be the one that restricts access.
		if roles, err := parseStrings(value, maxRoles); err == nil && !slices.ContainsFunc(roles, func(role string) bool {
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
		if picture, err := parseString(value); err == nil && isPlain(picture, maxURL) && isWebURL(picture) {
			c.Picture = picture
		}
		return nil
	},
}

func profileClaim(field func(*Claims) *string, limit int) claimReader {
	return func(c *Claims, value string) error {
		if s, err := parseString(value); err == nil && isPlain(s, limit) {
			*field(c) = s
		}
		return nil
	}
}

// readClientID reads a claim with the client id. If there are two such claims, they
// must be equal.
func readClientID(c *Claims, value string) error {
	id, err := parseString(value)
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
	id, err := parseString(value)
	if err == nil && !IsID(id) {
		return errOrganization
	}
	c.OrganizationID = id
	return err
}

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

func (v *Verifier) checkAudience(c *Claims, anyAudience bool) error {
	if len(c.Audience) == 0 {
		return errClaimMissing
	}
	for _, audience := range c.Audience {
		// An ID token's audience is the application.
		if slices.Contains(v.clientIDs, audience) {
			return errIDToken
		}
	}
	// An organization beside another audience is never accepted: it would not be
	// clear on whose behalf the call is.
	for _, audience := range c.Audience {
		id, ok := organizationOf(audience, v.dialect.organization)
		if ok && anyAudience && (len(c.Audience) != 1 || !isOrganization(c, id)) {
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
	return errAudience.withValues(strings.Join(c.Audience, " "), v.audience)
}

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

// isOrganization reports whether the organization in the audience is valid and
// agrees with the organization claim.
func isOrganization(c *Claims, id string) bool {
	return IsID(id) && (c.OrganizationID == "" || c.OrganizationID == id)
}

// organizationOf returns the organization that an audience stands for. The prefix is
// empty if the provider has no such audience.
func organizationOf(audience, prefix string) (id string, ok bool) {
	if prefix == "" {
		return "", false
	}
	return strings.CutPrefix(audience, prefix)
}

// checkClient checks the subject and the client, which are the same for a machine.
func (v *Verifier) checkClient(c *Claims) error {
	if !IsID(c.Subject) {
		return errSubject
	}
	if !slices.Contains(v.clientIDs, c.ClientID) {
		return errClientID.withValues(c.ClientID, strings.Join(v.clientIDs, " "))
	}
	suffix := v.dialect.machineSuffix
	id, suffixed := strings.CutSuffix(c.Subject, suffix)
	c.Machine = id == c.ClientID
	if suffix != "" && suffixed && !c.Machine { // another machine
		return errSubject
	}
	return nil
}

// IsID reports whether s can be an id: 1 to 255 bytes of UTF-8 without control
// characters and without U+FFFD. Invalid text decodes to U+FFFD, so two different
// ids could become the same.
func IsID(s string) bool {
	return isPlain(s, maxID) && !strings.ContainsRune(s, utf8.RuneError)
}

// isPlain reports whether s is not empty, not longer than limit and free of control
// characters. Postgres can't store NUL.
func isPlain(s string, limit int) bool {
	return s != "" && len(s) <= limit && !strings.ContainsFunc(s, unicode.IsControl)
}

func isWebURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}
