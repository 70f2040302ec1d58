// Package scopes checks the caller's permissions. Each endpoint declares
// them with tags:
//
//	//encore:api auth sensitive method=GET path=/users tag:scope-read-users
//
// The tags are:
//   - scope-… requires a scope from the table below. Several can be combined.
//   - no-scope requires no scope.
//   - person rejects machines.
//
// An auth endpoint with neither scope-… nor no-scope rejects every call, and
// `make test` fails.
package scopes

import (
	"slices"
	"strings"

	"encore.dev/beta/auth"
	"encore.dev/beta/errs"
	"encore.dev/middleware"

	caller "encore.app/auth"
)

// scopes maps tags to scopes. Tags can't contain a colon.
var scopes = map[string]string{
	"scope-read-users": "read:users",
}

const (
	scopePrefix = "scope-"
	noScope     = "no-scope"
	personOnly  = "person"
)

// MissingScope tells the client which scope is missing.
type MissingScope struct {
	Scope string `json:"scope"`
}

// ErrDetails implements errs.ErrDetails.
func (MissingScope) ErrDetails() {}

// Enforce returns errs.PermissionDenied unless the caller meets the endpoint's tags.
// Responses must not be cached (RFC 9111, section 5.2.2.5).
//
//encore:middleware global target=all
func Enforce(req middleware.Request, next middleware.Next) middleware.Response {
	api := req.Data().API
	if api == nil {
		return next(req) // a Pub/Sub message
	}
	data, _ := auth.Data().(*caller.Data)
	if data == nil {
		data = &caller.Data{}
	}
	if err := check(data, api.Tags); err != nil {
		return middleware.Response{Err: err}
	}
	if api.AuthRequired && !hasScopeTag(api.Tags) {
		return middleware.Response{Err: &errs.Error{
			Code:    errs.PermissionDenied,
			Message: "this endpoint has no permission tag, so nobody can call it",
		}}
	}
	resp := next(req)
	if api.AuthRequired {
		resp.Header().Set("Cache-Control", "no-store")
	}
	return resp
}

func hasScopeTag(tags []string) bool {
	return slices.ContainsFunc(tags, func(tag string) bool { return tag == noScope || strings.HasPrefix(tag, scopePrefix) })
}

func check(data *caller.Data, tags []string) error {
	if slices.Contains(tags, personOnly) && data.UserID == 0 {
		return &errs.Error{
			Code:    errs.PermissionDenied,
			Message: "only people can do this, not applications",
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
				Message: "this endpoint requires an unknown permission: " + tag,
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
