// Service hasura tells a Hasura engine who is calling it: it is the engine's
// auth hook. It judges tokens as the rest of the application does, by asking
// the service auth, and what a role may read is for the engine's permissions.
package hasura

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime/debug"
	"time"

	encoreauth "encore.dev/beta/auth"
	"encore.dev/beta/errs"
	"encore.dev/config"
	"encore.dev/rlog"

	"encore.app/auth"
	"encore.app/internal/fault"
	"encore.app/internal/trace"
)

// Config says what the hook answers. Its values are in config.cue.
type Config struct {
	// UserId is which id is X-Hasura-User-Id: "internal" or "logto".
	UserId config.String
	// DefaultRoles are the roles of a person whose token has none.
	DefaultRoles config.Values[string]
	// OrganizationRole is the role that the token of an organization adds.
	OrganizationRole config.String
	// RoleScopes are the scopes that roles need, by role.
	RoleScopes map[string]string
	// MaxAgeSeconds bounds how long an answer may be kept.
	MaxAgeSeconds config.Int
}

var cfg = config.Load[*Config]()

// timeout bounds a call, so that nothing which hangs makes the engine hang.
const timeout = 5 * time.Second

// Hook answers the session variables of the person whose token the engine
// passes on: with GET among its own headers, with POST in the body. The engine
// understands 200 and 401 and no other status, so it gets no other, whatever
// happens: https://hasura.io/docs/2.0/auth/authentication/webhook/
//
// With GET the token is first seen by Encore's auth handler. What that refuses
// with another status than 401 it turns into 401 for an engine. Others, such as
// a person with curl, get 403, 429 and 503 as from every endpoint.
//
// The query is the operator's, who writes it into the address of the hook:
// resource is the API resource that a token must be for to give a role, and
// unauthorizedRole is the role of those who don't have the one they ask for.
//
//encore:api public raw sensitive method=GET,POST path=/api/authn/hasura
func Hook(w http.ResponseWriter, req *http.Request) {
	ctx, cancel := context.WithTimeout(req.Context(), timeout)
	defer cancel()
	// For a body that does not come to its end. The server itself lifts the
	// deadline before the next request.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(timeout))
	h := hook{
		settings: settings{
			logtoID:          cfg.UserId() == "logto",
			defaultRoles:     cfg.DefaultRoles(),
			organizationRole: cfg.OrganizationRole(),
			roleScopes:       cfg.RoleScopes,
			maxAge:           time.Duration(cfg.MaxAgeSeconds()) * time.Second,
		},
		verify: func(ctx context.Context, p *auth.VerifyParams) (*auth.VerifyResponse, error) {
			return auth.Verify(ctx, p) // Encore wants an endpoint to be called, not passed on
		},
		signedIn: signedIn,
		now:      time.Now,
	}
	h.serve(ctx, w, req)
}

// hook answers from what verify says of a token.
type hook struct {
	settings
	verify   func(context.Context, *auth.VerifyParams) (*auth.VerifyResponse, error)
	signedIn func() *auth.VerifyResponse
	now      func() time.Time
}

// signedIn returns whom Encore's auth handler let in, or nil.
func signedIn() *auth.VerifyResponse {
	uid, ok := encoreauth.UserID()
	data, _ := encoreauth.Data().(*auth.Data)
	if !ok || data == nil {
		return nil
	}
	return &auth.VerifyResponse{Subject: string(uid), Data: data}
}

func (h *hook) serve(ctx context.Context, w http.ResponseWriter, req *http.Request) {
	trace.OmitBody(req)
	header := w.Header()
	session, err := h.answer(ctx, req)
	if err != nil {
		header.Set("Cache-Control", "no-store")
		errs.HTTPError(w, refusal(message(err)))
		return
	}
	header.Set("Content-Type", "application/json")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", session.cacheControl())
	header.Add("Vary", "Authorization, Expected-Role")
	_ = json.NewEncoder(w).Encode(session.variables) // whoever asked may be gone
}

// answer returns the session of who is asking. A panic on the way becomes an
// error: after one, Encore would answer 200 with nothing in it.
func (h *hook) answer(ctx context.Context, req *http.Request) (s *session, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			rlog.Error("the Hasura hook panicked", "cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
			s, err = nil, errUnavailable
		}
	}()
	q, err := h.readQuestion(req)
	if err != nil {
		return nil, err
	}
	c, err := h.identify(ctx, q)
	if err != nil {
		return nil, err
	}
	return h.decide(q, c)
}

// faults logs why callers can't be identified.
var faults = fault.NewLines(rlog.Error)

var errUnavailable = refusal("the caller can't be identified now: try again in a moment")

// refusal is an error that answers 401 with the message.
func refusal(message string) error {
	return &errs.Error{Code: errs.Unauthenticated, Message: message}
}

// message returns what an error has to say to the client.
func message(err error) string {
	if e, ok := errs.Convert(err).(*errs.Error); ok {
		return e.Message
	}
	return ""
}
