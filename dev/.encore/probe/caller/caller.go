// Service caller tells who is calling, as the token asks it to.
package caller

import (
	"context"
	"errors"
	"fmt"
	"strings"

	encore "encore.dev"
	"encore.dev/beta/auth"
	"encore.dev/beta/errs"
	"encore.dev/config"

	"probe.app/gate"
	"probe.app/visits"
)

// Config is filled from config.cue.
type Config struct {
	Name  config.String
	Type  config.String
	Cloud config.String
	Limit config.Int
	Words config.Values[string]
	Yes   config.Bool
}

var cfg = config.Load[*Config]()

// Data is the auth data.
type Data struct {
	Scopes []string
	Visits int
	// Request is what encore.CurrentRequest says in the auth handler.
	Request string
	// Word is that of the credentials.
	Word string
}

// Credentials are what the auth handler reads of a request.
type Credentials struct {
	Authorization string `header:"Authorization"`
	Word          string `query:"auth_word"`
}

// Service has a field that initService sets.
//
//encore:service
type Service struct{ scopes []string }

func initService() (*Service, error) {
	return &Service{scopes: []string{"read", "write"}}, nil
}

// AuthHandler does what the token says: "ok:alice" signs alice in, "visit:alice"
// counts her visits besides, by a call to another service, "describe:alice" tells
// what the handler knows of the request, "hide:alice" signs her in and takes a
// header out of the request.
//
//encore:authhandler
func (s *Service) AuthHandler(ctx context.Context, c *Credentials) (auth.UID, *Data, error) {
	token, ok := strings.CutPrefix(c.Authorization, "Bearer ")
	if !ok {
		message := fmt.Sprintf("no token in %q, word %q", c.Authorization, c.Word)
		return "", nil, &errs.Error{Code: errs.Unauthenticated, Message: message}
	}
	verb, name, _ := strings.Cut(token, ":")
	switch verb {
	case "ok":
		return auth.UID(name), &Data{Scopes: s.scopes, Word: c.Word}, nil
	case "hide":
		encore.CurrentRequest().Headers.Del("X-Account")
		return auth.UID(name), &Data{Scopes: s.scopes, Word: c.Word}, nil
	case "visit":
		resp, err := visits.Add(ctx, &visits.AddParams{Name: name})
		if err != nil {
			return "", nil, err
		}
		return auth.UID(name), &Data{Visits: resp.Count}, nil
	case "describe":
		r, api := encore.CurrentRequest(), encore.CurrentRequest().API
		uid, ok := auth.UserID()
		return auth.UID(name), &Data{Request: fmt.Sprintf("%s of %s.%s, path %q, parameters %v, method %q, host %q, account %q, tags %v, exposed %t, auth %t, payload %v, by %q %t %v",
			r.Type, r.Service, r.Endpoint, r.Path, r.PathParams, r.Method, r.Headers.Get("Host"), r.Headers.Get("X-Account"),
			api.Tags, api.Exposed, api.AuthRequired, r.Payload, uid, ok, auth.Data())}, nil
	case "nobody":
		return "", nil, nil
	case "unauthenticated":
		return "", nil, &errs.Error{Code: errs.Unauthenticated, Message: "token is not acceptable"}
	case "unavailable":
		return "", nil, &errs.Error{Code: errs.Unavailable, Message: "try again"}
	case "permission_denied":
		return "", nil, &errs.Error{Code: errs.PermissionDenied, Message: "you are locked out"}
	case "wrapped":
		return "", nil, fmt.Errorf("wrapped: %w", &errs.Error{Code: errs.Unavailable, Message: "try again"})
	case "details":
		return "", nil, &errs.Error{Code: errs.PermissionDenied, Message: "you may not", Details: gate.Missing{Scope: "all"}}
	case "plain":
		return "", nil, errors.New("plain text")
	}
	panic("token " + token)
}

// ConfigResponse is the answer of GetConfig.
type ConfigResponse struct {
	Name, Type, Cloud string
	Limit             int
	Words             []string
	Yes               bool
}

// GetConfig answers with the configuration.
//
//encore:api public method=GET path=/config
func (s *Service) GetConfig(context.Context) (*ConfigResponse, error) {
	return &ConfigResponse{cfg.Name(), cfg.Type(), cfg.Cloud(), cfg.Limit(), cfg.Words(), cfg.Yes()}, nil
}

// VerifyParams are the parameters of Verify.
type VerifyParams struct{ Token string }

// VerifyResponse is the answer of Verify.
type VerifyResponse struct {
	UID    auth.UID
	Data   *Data
	Scopes []string
}

// Verify judges a token as the auth handler does, for other services.
//
//encore:api private
func (s *Service) Verify(ctx context.Context, p *VerifyParams) (*VerifyResponse, error) {
	uid, data, err := s.AuthHandler(ctx, &Credentials{Authorization: "Bearer " + p.Token})
	if err != nil {
		return nil, err
	}
	return &VerifyResponse{uid, data, s.scopes}, nil
}
