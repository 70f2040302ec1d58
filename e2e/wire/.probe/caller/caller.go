// Service caller says who is calling, as the token asks it to.
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
	"probe.app/store"
)

// Config is the configuration in config.cue.
type Config struct {
	Type  config.String
	Cloud config.String
	Limit config.Int
	Words config.Values[string]
	Yes   config.Bool
}

var cfg = config.Load[*Config]()

var secrets struct {
	ProbeKey     string
	ProbeMissing string
}

// Data is the auth data.
type Data struct {
	Scopes []string
	Visits int
	// Request is what encore.CurrentRequest returns in the auth handler.
	Request string
}

// Credentials are the parameters of the auth handler.
type Credentials struct {
	Authorization string `header:"Authorization"`
	Other         string `header:"X-Other"`
}

// Service has a field that initService sets.
//
//encore:service
type Service struct{ scopes []string }

func initService() (*Service, error) {
	return &Service{scopes: []string{"read", "write"}}, nil
}

// AuthHandler does what the token says. For example, "ok:alice" signs alice in.
//
//encore:authhandler
func (s *Service) AuthHandler(ctx context.Context, c *Credentials) (auth.UID, *Data, error) {
	token, ok := strings.CutPrefix(c.Authorization, "Bearer ")
	if !ok {
		message := fmt.Sprintf("no token in %q, other %q", c.Authorization, c.Other)
		return "", nil, &errs.Error{Code: errs.Unauthenticated, Message: message}
	}
	verb, name, _ := strings.Cut(token, ":")
	switch verb {
	case "ok":
		return auth.UID(name), &Data{Scopes: s.scopes}, nil
	case "hide":
		encore.CurrentRequest().Headers.Del("X-Account")
		return auth.UID(name), &Data{Scopes: s.scopes}, nil
	case "visit":
		resp, err := store.Visit(ctx, &store.VisitParams{Name: name})
		if err != nil {
			return "", nil, err
		}
		return auth.UID(name), &Data{Visits: resp.Count}, nil
	case "describe":
		r := encore.CurrentRequest()
		uid, _ := auth.UserID()
		return auth.UID(name), &Data{Request: fmt.Sprintf("%s of %s.%s, path %q, method %q, account %q, by %q",
			r.Type, r.Service, r.Endpoint, r.Path, r.Method, r.Headers.Get("X-Account"), uid)}, nil
	case "nobody":
		return "", nil, nil
	case "unauthenticated":
		return "", nil, &errs.Error{Code: errs.Unauthenticated, Message: "token is not acceptable"}
	case "unavailable":
		return "", nil, &errs.Error{Code: errs.Unavailable, Message: "try again"}
	case "permission_denied":
		return "", nil, &errs.Error{Code: errs.PermissionDenied, Message: "you may not", Details: gate.Missing{Scope: "all"}}
	case "wrapped":
		return "", nil, fmt.Errorf("wrapped: %w", &errs.Error{Code: errs.Unavailable, Message: "try again"})
	case "plain":
		return "", nil, errors.New("plain text")
	}
	panic("token " + token)
}

//encore:api public method=GET path=/config
func (s *Service) GetConfig(context.Context) (*gate.TextResponse, error) {
	text := fmt.Sprintf("%s, %s, %d, %q, %t, secrets %q, %q",
		cfg.Type(), cfg.Cloud(), cfg.Limit(), cfg.Words(), cfg.Yes(), secrets.ProbeKey, secrets.ProbeMissing)
	return &gate.TextResponse{Text: text}, nil
}

// VerifyParams are the parameters of Verify.
type VerifyParams struct{ Token string }

//encore:api private
func (s *Service) Verify(ctx context.Context, p *VerifyParams) (*gate.TextResponse, error) {
	uid, _, err := s.AuthHandler(ctx, &Credentials{Authorization: "Bearer " + p.Token})
	if err != nil {
		return nil, err
	}
	return &gate.TextResponse{Text: string(uid)}, nil
}
