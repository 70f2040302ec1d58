// Package scopes enforces what a caller may do. An endpoint names the scope it
// needs beside its directive:
//
//	//encore:api auth sensitive method=GET path=/users tag:scope-read-users
//
// tag:scope-… names a scope of the table below, and several of them are all
// needed. tag:no-scope says that none is needed. tag:person says that the
// endpoint is for people, not for machines. Nobody may call an auth endpoint
// that says nothing, and `make test` fails for it.
//
// It is not a service: Encore wants global middleware outside of them.
package scopes

import (
	"slices"
	"strings"

	"encore.dev/beta/auth"
	"encore.dev/beta/errs"
	"encore.dev/middleware"

	caller "encore.app/auth"
)

// scopes maps tags to scopes. Encore allows no colon in a tag. An example adds its
// scopes in a file of its own.
var scopes = map[string]string{
	"scope-read-users": "read:users",
}

// The other tags.
const (
	scopePrefix = "scope-"
	noScope     = "no-scope"
	personOnly  = "person"
)

// MissingScope tells the client which scope it needs.
type MissingScope struct {
	Scope string `json:"scope"`
}

// ErrDetails marks it as an error's details.
func (MissingScope) ErrDetails() {}

// Enforce lets a call pass if the caller has what the endpoint's tags ask for.
// Otherwise it returns errs.PermissionDenied. A caller without auth data has no
// scopes. No cache may store the answer to a caller (RFC 9111, section 5.2.2.5).
//
//encore:middleware global target=all
func Enforce(req middleware.Request, next middleware.Next) middleware.Response {
	api := req.Data().API
	if api == nil {
		return next(req) // a message to a subscription
	}
	data, _ := auth.Data().(*caller.Data)
	if data == nil {
		data = &caller.Data{}
	}
	if err := check(data, api.Tags); err != nil {
		return middleware.Response{Err: err}
	}
	if api.AuthRequired && !saysScope(api.Tags) {
		return middleware.Response{Err: &errs.Error{
			Code:    errs.PermissionDenied,
			Message: "nobody may do this: the endpoint does not say which permission it needs",
		}}
	}
	resp := next(req)
	if api.AuthRequired {
		resp.Header().Set("Cache-Control", "no-store")
	}
	return resp
}

// saysScope reports whether the tags say which scope is needed, or that none is.
func saysScope(tags []string) bool {
	return slices.ContainsFunc(tags, func(tag string) bool { return tag == noScope || strings.HasPrefix(tag, scopePrefix) })
}

func check(data *caller.Data, tags []string) error {
	if slices.Contains(tags, personOnly) && data.UserID == 0 {
		return &errs.Error{
			Code:    errs.PermissionDenied,
			Message: "this is for people: an application can't use it",
		}
	}
	for _, tag := range tags {
		if !strings.HasPrefix(tag, scopePrefix) {
			continue
		}
		scope, ok := scopes[tag]
		if !ok {
			return &errs.Error{
				Code:    errs.PermissionDenied,
				Message: "you need a permission that nobody has: " + tag + " is not known",
			}
		}
		if !slices.Contains(data.Scopes, scope) {
			return &errs.Error{
				Code:    errs.PermissionDenied,
				Message: "you need the permission " + scope,
				Details: MissingScope{scope},
			}
		}
	}
	return nil
}
