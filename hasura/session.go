package hasura

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"encore.dev/beta/errs"

	"encore.app/auth"
	"encore.app/auth/token"
)

type settings struct {
	logtoID          bool // the user id is the token's subject
	defaultRoles     []string
	organizationRole string
	roleScopes       map[string]string // role -> scope
	maxAge           time.Duration
}

// caller is the sender of a token. The zero value is an anonymous caller.
type caller struct {
	userID         string // X-Hasura-User-Id; a machine may have none
	organizationID string
	roles          []string  // the default first; empty if the token is for another resource
	expiresAt      time.Time // of the token; zero for an anonymous caller
	rejection      string    // why the token was rejected, or ""
}

// identify returns an anonymous caller if the token is missing or rejected. It returns
// an error if the caller is suspended or deleted, or can't be identified.
func (h *hook) identify(ctx context.Context, r hookRequest) (caller, error) {
	v := r.signedIn
	if v == nil && r.token == "" {
		return caller{}, nil
	}
	if v == nil {
		var err error
		v, err = h.verify(ctx, &auth.VerifyParams{Token: r.token, AnyAudience: true})
		switch errs.Code(err) {
		case errs.OK:
		case errs.Unauthenticated:
			return caller{rejection: message(err)}, nil
		case errs.PermissionDenied:
			return caller{}, err
		case errs.Canceled:
			return caller{}, errUnavailable // the client has gone
		default:
			verifyErrors.Add("the Hasura hook can't identify the caller", "err", err)
			return caller{}, errUnavailable
		}
	}

	c := caller{userID: h.userID(v), expiresAt: v.Data.ExpiresAt}
	switch {
	case slices.Contains(v.Data.Audiences, r.resource):
		c.roles, c.organizationID = h.roles(v), v.Data.OrganizationID
	case r.unauthorizedRole == "":
		return caller{rejection: "the token is for another API resource"}, nil
	}
	// With unauthorizedRole, a token for another resource still gives the user id, as
	// in Logto's hook.
	return c, nil
}

func (h *hook) userID(v *auth.VerifyResponse) string {
	switch {
	case h.logtoID:
		return v.Subject
	case v.Data.UserID != 0:
		return strconv.FormatInt(v.Data.UserID, 10)
	default:
		return ""
	}
}

// roles returns the roles that a token gives, the default first, without those whose
// scope the token lacks. A machine gets only the roles in its token.
func (h *hook) roles(v *auth.VerifyResponse) []string {
	roles := slices.DeleteFunc(slices.Clone(v.Data.Roles), func(role string) bool { return !isRole(role) })
	if v.Data.UserID != 0 {
		if len(roles) == 0 {
			roles = slices.Clone(h.defaultRoles)
		}
		if v.Data.OrganizationID != "" && h.organizationRole != "" {
			roles = append([]string{h.organizationRole}, roles...)
		}
	}
	return slices.DeleteFunc(roles, func(role string) bool {
		scope := h.roleScopes[role]
		return isAdmin(role) || (scope != "" && !slices.Contains(v.Data.Scopes, scope))
	})
}

func isRole(role string) bool { return token.IsID(role) && !isAdmin(role) }

// isAdmin reports whether a role is, or looks like, admin, which bypasses all permissions.
func isAdmin(role string) bool { return strings.EqualFold(strings.TrimSpace(role), "admin") }

type session struct {
	variables map[string]string // Hasura's session variables
	maxAge    time.Duration     // how long the answer may be cached; negative: not at all
}

// decide gives the caller a role as Logto's hook does: expectedRole if the caller has it,
// otherwise unauthorizedRole, otherwise an error. Unlike Logto's hook, it gives the
// default role to a caller who asks for none.
func (h *hook) decide(r hookRequest, c caller) (*session, error) {
	hasRole := r.expectedRole != "" && slices.Contains(c.roles, r.expectedRole)
	role := r.expectedRole
	switch {
	case hasRole:
	case r.unauthorizedRole != "":
		role = r.unauthorizedRole
	case r.expectedRole != "":
		return nil, missingRole(c)
	case len(c.roles) > 0:
		role = c.roles[0]
	}

	s := &session{variables: make(map[string]string), maxAge: -1}
	for name, value := range map[string]string{
		"X-Hasura-User-Id":         c.userID,
		"X-Hasura-Role":            role,
		"X-Hasura-Organization-Id": c.organizationID,
	} {
		if value != "" {
			s.variables[name] = value
		}
	}
	if len(c.roles) > 0 {
		s.variables["X-Hasura-Default-Role"] = c.roles[0]
		s.variables["X-Hasura-Allowed-Roles"] = arrayLiteral(c.roles)
	}
	if !c.expiresAt.IsZero() {
		s.maxAge = max(0, min(c.expiresAt.Sub(h.now()), h.maxAge)).Truncate(time.Second)
		// The engine reads Cache-Control from the variables, not from the headers.
		s.variables["Cache-Control"] = fmt.Sprintf("max-age=%d", int(s.maxAge.Seconds()))
	}
	return s, nil
}

func (s *session) cacheControl() string {
	if s.maxAge < 0 {
		return "no-store"
	}
	return fmt.Sprintf("private, max-age=%d", int(s.maxAge.Seconds()))
}

// arrayLiteral returns a Postgres array, the engine's format for several values.
func arrayLiteral(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
	}
	return "{" + strings.Join(quoted, ",") + "}"
}

func missingRole(c caller) error {
	if c.rejection != "" {
		return unauthorized(c.rejection)
	}
	return unauthorized("you don't have the role that the header Expected-Role asks for")
}
