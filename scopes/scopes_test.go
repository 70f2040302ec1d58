package scopes

import (
	"encoding/json"
	"testing"

	encore "encore.dev"
	"encore.dev/beta/errs"
	"encore.dev/et"
	"encore.dev/middleware"

	caller "encore.app/auth"
)

func init() {
	scopes["scope-read-reports"], scopes["scope-write-reports"] = "read:reports", "write:reports"
}

func TestEnforce(t *testing.T) {
	alice := &caller.Data{UserID: 1, Scopes: []string{"read:reports", "write:reports"}}
	bob := &caller.Data{UserID: 2}
	machine := &caller.Data{Scopes: []string{"read:reports"}}
	const (
		passes     = ""
		needsRead  = `{"code":"permission_denied","message":"you need the permission read:reports","details":{"scope":"read:reports"}}`
		needsWrite = `{"code":"permission_denied","message":"you need the permission write:reports","details":{"scope":"write:reports"}}`
		needsUsers = `{"code":"permission_denied","message":"you need the permission read:users","details":{"scope":"read:users"}}`
		noScopeTag = `{"code":"permission_denied","message":"this endpoint has no permission tag, so nobody can call it","details":null}`
		peopleOnly = `{"code":"permission_denied","message":"only people can do this, not applications","details":null}`
	)
	tests := []struct {
		name string
		data any // nil if nobody is signed in
		tags []string
		want string
	}{
		{"has the scope", alice, []string{"scope-read-reports"}, passes},
		{"lacks the scope", bob, []string{"scope-read-reports"}, needsRead},
		{"has another scope", alice, []string{"scope-read-users"}, needsUsers},
		{"has both scopes", alice, []string{"scope-read-reports", "scope-write-reports"}, passes},
		{"has one of two scopes", machine, []string{"scope-read-reports", "scope-write-reports"}, needsWrite},
		{"a scope named like the tag", &caller.Data{UserID: 1, Scopes: []string{"scope-read-reports", "read-reports"}}, []string{"scope-read-reports"}, needsRead},
		{"the scope in another letter case", &caller.Data{UserID: 1, Scopes: []string{"Read:reports"}}, []string{"scope-read-reports"}, needsRead},
		{"a longer scope", &caller.Data{UserID: 1, Scopes: []string{"read:reports:own"}}, []string{"scope-read-reports"}, needsRead},
		{"a machine with the scope", machine, []string{"scope-read-reports"}, passes},
		{"a machine on an endpoint for people", machine, []string{"scope-read-reports", "person"}, peopleOnly},
		{"a person on an endpoint for people", alice, []string{"person", "scope-read-reports"}, passes},
		{"a person without the scope", bob, []string{"scope-read-reports", "person"}, needsRead},
		{"no scope is needed", bob, []string{"no-scope", "person"}, passes},
		{"no tags", alice, nil, noScopeTag},
		{"only for people", alice, []string{"person"}, noScopeTag},
		{"another tag", alice, []string{"cached"}, noScopeTag},
		{"nobody signed in", nil, []string{"scope-read-reports"}, needsRead},
		{"nobody signed in on an endpoint for people", nil, []string{"person"}, peopleOnly},
		{"an unknown scope", alice, []string{"scope-fly"}, `{"code":"permission_denied","message":"this endpoint requires an unknown permission: scope-fly","details":null}`},
		{"typed nil", (*caller.Data)(nil), []string{"person"}, peopleOnly},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.data != nil {
				et.OverrideAuthInfo("somebody", tt.data)
			}
			calls := 0
			req := middleware.NewRequest(t.Context(), &encore.Request{API: &encore.APIDesc{AuthRequired: true, Tags: tt.tags}})
			resp := Enforce(req, func(middleware.Request) middleware.Response {
				calls++
				return middleware.Response{Payload: "response"}
			})
			if tt.want == passes {
				if resp.Err != nil || calls != 1 || resp.Payload != "response" || resp.Header().Get("Cache-Control") != "no-store" {
					t.Errorf("response = %+v after %d calls of the endpoint", resp, calls)
				}
				return
			}
			if got := body(t, resp.Err); got != tt.want || calls != 0 {
				t.Errorf("error = %s, want %s; %d calls of the endpoint", got, tt.want, calls)
			}
		})
	}
}

// A Pub/Sub message has no endpoint.
func TestEnforce_NoEndpoint(t *testing.T) {
	passed := false
	Enforce(middleware.NewRequest(t.Context(), &encore.Request{}), func(middleware.Request) middleware.Response {
		passed = true
		return middleware.Response{}
	})
	if !passed {
		t.Error("the call was rejected")
	}
}

// Public and private endpoints need no scope.
func TestEnforce_NoAuthRequired(t *testing.T) {
	passed := false
	req := middleware.NewRequest(t.Context(), &encore.Request{API: &encore.APIDesc{Exposed: true}})
	resp := Enforce(req, func(middleware.Request) middleware.Response {
		passed = true
		return middleware.Response{}
	})
	if !passed || resp.Err != nil || len(resp.Header()) != 0 {
		t.Errorf("passed = %t, err = %v, header = %v", passed, resp.Err, resp.Header())
	}
}

func body(t *testing.T, err error) string {
	t.Helper()
	e, ok := err.(*errs.Error)
	if !ok {
		t.Fatalf("err = %v, want an *errs.Error", err)
	}
	data, err := json.Marshal(struct {
		Code    string          `json:"code"`
		Message string          `json:"message"`
		Details errs.ErrDetails `json:"details"`
	}{e.Code.String(), e.Message, e.Details})
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
