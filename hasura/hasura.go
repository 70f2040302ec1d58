// Service hasura is the auth hook of a Hasura engine: it tells the engine who is
// calling. The service auth verifies the tokens, and the engine's permissions say what
// a role may read.
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

// Config is the configuration of the hook. config.cue has its values and explains them.
type Config struct {
	UserId           config.String // "internal" or "logto"
	DefaultRoles     config.Values[string]
	OrganizationRole config.String
	RoleScopes       map[string]string // role -> scope
	MaxAgeSeconds    config.Int
}

var cfg = config.Load[*Config]()

const timeout = 5 * time.Second

// Hook returns the session variables of the person whose token the engine passes on:
// with GET in its own headers, with POST in the body. It answers only 200 or 401, since
// the engine understands nothing else:
// https://hasura.io/docs/2.0/auth/authentication/webhook/
//
// With GET, Encore's auth handler sees the token first. For an engine it turns its other
// errors into 401. Other clients, such as curl, get 403, 429 and 503.
//
// The operator sets the query of the URL. resource is the API resource that a token must
// be for to give a role. unauthorizedRole is for callers who lack the role they ask for.
//
//encore:api public raw sensitive method=GET,POST path=/api/authn/hasura
func Hook(w http.ResponseWriter, req *http.Request) {
	ctx, cancel := context.WithTimeout(req.Context(), timeout)
	defer cancel()
	// For a body that never ends. The server resets the deadline before the next request.
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
			return auth.Verify(ctx, p) // Encore endpoints must be called, not passed as values
		},
		signedIn: signedIn,
		now:      time.Now,
	}
	h.serve(ctx, w, req)
}

type hook struct {
	settings
	verify   func(context.Context, *auth.VerifyParams) (*auth.VerifyResponse, error)
	signedIn func() *auth.VerifyResponse
	now      func() time.Time
}

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
		errs.HTTPError(w, unauthorized(message(err)))
		return
	}
	header.Set("Content-Type", "application/json")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", session.cacheControl())
	header.Add("Vary", "Authorization, Expected-Role")
	_ = json.NewEncoder(w).Encode(session.variables) // fails if the client has gone
}

// answer turns a panic into an error: Encore would answer 200 with an empty body.
func (h *hook) answer(ctx context.Context, req *http.Request) (s *session, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			rlog.Error("the Hasura hook panicked", "cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
			s, err = nil, errUnavailable
		}
	}()
	r, err := h.parseRequest(req)
	if err != nil {
		return nil, err
	}
	c, err := h.identify(ctx, r)
	if err != nil {
		return nil, err
	}
	return h.decide(r, c)
}

var verifyErrors = fault.NewLines(rlog.Error)

var errUnavailable = unauthorized("the caller can't be identified now: try again in a moment")

func unauthorized(message string) error {
	return &errs.Error{Code: errs.Unauthenticated, Message: message}
}

func message(err error) string {
	if e, ok := errs.Convert(err).(*errs.Error); ok {
		return e.Message
	}
	return ""
}
