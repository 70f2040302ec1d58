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

// settings are the values of Config.
type settings struct {
	// logtoID makes the subject of the token the user id.
	logtoID          bool
	defaultRoles     []string
	organizationRole string
	// roleScopes are the scopes that roles need, by role.
	roleScopes map[string]string
	maxAge     time.Duration
}

// caller is who a token says is calling. The zero value is nobody.
type caller struct {
	// userID is the value of X-Hasura-User-Id, or "" for nobody and for a
	// machine that has no such id.
	userID string
	// organizationID is the organization that the token is for, or "".
	organizationID string
	// roles are those that the caller may take, the default first. There are
	// none unless the token is for the resource asked about.
	roles []string
	// expiresAt is when the token expires. It is zero for nobody.
	expiresAt time.Time
	// refused is why the token was refused, or "".
	refused string
}

// identify returns nobody if there is no token or an unacceptable one. It
// returns an error if the caller is locked out or can't be identified.
func (h *hook) identify(ctx context.Context, q question) (caller, error) {
	v := q.signedIn
	if v == nil && q.token == "" {
		return caller{}, nil
	}
	if v == nil {
		var err error
		v, err = h.verify(ctx, &auth.VerifyParams{Token: q.token, AnyAudience: true})
		switch errs.Code(err) {
		case errs.OK:
		case errs.Unauthenticated:
			return caller{refused: message(err)}, nil
		case errs.PermissionDenied:
			return caller{}, err
		case errs.Canceled:
			return caller{}, errUnavailable // nobody is waiting for the answer
		default:
			faults.Add("the Hasura hook can't tell who is calling", "err", err)
			return caller{}, errUnavailable
		}
	}

	c := caller{userID: h.userID(v), expiresAt: v.Data.ExpiresAt}
	switch {
	case slices.Contains(v.Data.Audiences, q.resource):
		c.roles, c.organizationID = h.roles(v), v.Data.OrganizationID
	case q.unauthorizedRole == "":
		return caller{refused: "the token is for another API resource than this one"}, nil
	}
	// Whom a token for another resource was given to is known by it all the
	// same, which Logto's hook tells beside the unauthorized role.
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

// roles returns the roles that a token gives, the default first: without those
// whose scope the token lacks. A machine, who has no row and no id, has of the
// roles that its token names and no others.
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

// isRole reports whether a token's role can be one.
func isRole(role string) bool { return token.IsID(role) && !isAdmin(role) }

// isAdmin reports whether a role is the engine's admin, or spelled so much like
// it that somebody may take it for that. Admin passes all permissions.
func isAdmin(role string) bool { return strings.EqualFold(strings.TrimSpace(role), "admin") }

// session is an answer that lets the caller through.
type session struct {
	// variables go into the engine's permissions. The engine takes texts only.
	variables map[string]string
	// maxAge is how long the answer may be kept, or negative if not at all.
	maxAge time.Duration
}

// decide gives the caller a role in the way of Logto's hook: the role asked for
// if the caller holds it, else unauthorizedRole if there is one, else none.
// Beyond that, a caller who asks for no role has a default one.
func (h *hook) decide(q question, c caller) (*session, error) {
	holds := q.expectedRole != "" && slices.Contains(c.roles, q.expectedRole)
	role := q.expectedRole
	switch {
	case holds:
	case q.unauthorizedRole != "":
		role = q.unauthorizedRole
	case q.expectedRole != "":
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
		// The engine looks for this among the variables, not in the headers.
		s.variables["Cache-Control"] = fmt.Sprintf("max-age=%d", int(s.maxAge.Seconds()))
	}
	return s, nil
}

// cacheControl is the header for whatever is between the hook and the engine.
func (s *session) cacheControl() string {
	if s.maxAge < 0 {
		return "no-store"
	}
	return fmt.Sprintf("private, max-age=%d", int(s.maxAge.Seconds()))
}

// arrayLiteral spells the texts as a Postgres array, as the engine needs a
// variable that holds several values.
func arrayLiteral(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
	}
	return "{" + strings.Join(quoted, ",") + "}"
}

func missingRole(c caller) error {
	if c.refused != "" {
		return refusal(c.refused)
	}
	return refusal("you don't have the role that the header Expected-Role asks for")
}
