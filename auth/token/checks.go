package token

import (
	"errors"
	"slices"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

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
		id, ok := v.dialect.organizationOf(audience)
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

func (v *Verifier) checkClaims(c *Claims) error {
	if !IsID(c.Subject) {
		return errSubject
	}
	if !slices.Contains(v.clientIDs, c.ClientID) {
		return errClientID.withValues(c.ClientID, strings.Join(v.clientIDs, " "))
	}
	var err error
	c.Machine, err = v.dialect.isMachine(c)
	return err
}

func asInvalid(err error) error {
	if invalid, ok := errors.AsType[*InvalidError](err); ok {
		return invalid
	}
	for _, r := range reasons {
		if errors.Is(err, r.cause) {
			return r.invalid
		}
	}
	return errMalformed
}

// In the order in which a developer should fix them.
var reasons = []struct{ cause, invalid error }{
	{jwt.ErrTokenRequiredClaimMissing, errClaimMissing},
	{jwt.ErrTokenExpired, errExpired},
	{jwt.ErrTokenNotValidYet, errNotYetValid},
	{jwt.ErrTokenUsedBeforeIssued, errNotYetValid},
}
