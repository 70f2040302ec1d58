package http_test

import (
	"cmp"
	"os"
	"slices"
	"strings"
	"testing"

	"encore.app/e2e/backend"
	"encore.app/e2e/people"
)

func TestNotFound(t *testing.T) {
	for name, r := range map[string]backend.Request{
		"root":                     {Path: "/"},
		"unknown path":             {Path: "/nope"},
		"below an endpoint":        {Path: "/api/hello/nope"},
		"other letter case":        {Path: "/API/Hello"},
		"wrong method":             {Method: "POST", Path: "/api/hello"},
		"wrong method, signed in":  {Method: "PUT", Path: "/users/me", Token: people.Token(t, "alice")},
		"unknown path, bad token":  {Path: "/nope", Token: "abc"},
		"out of the web root":      {Path: "/../../etc/passwd"},
		"source code":              {Path: "/auth/config.cue"},
		"somebody else by the way": {Path: "/users/1", Token: people.Token(t, "alice")},
	} {
		t.Run(name, func(t *testing.T) {
			a := app(t).Do(t, r)
			checkNoInternals(t, a)
			e := backend.Refusal(t, a, 404)
			if e.Code != "not_found" || e.Message != "endpoint not found" || string(e.Details) != "null" {
				t.Errorf("not an error of Encore: %s", a.Body)
			}
		})
	}
}

func TestRequestIDIsRepeated(t *testing.T) {
	for _, path := range []string{"/api/ping", "/api/hello"} {
		a := app(t).Do(t, backend.Request{Path: path, Header: map[string]string{"X-Request-Id": "request-of-mine"}})
		if got := a.Header.Get("X-Request-Id"); got != "request-of-mine" {
			t.Errorf("%s: X-Request-Id: %q, want the one sent", path, got)
		}
	}
}

var spaOrigin = cmp.Or(os.Getenv("SPA_ORIGIN"), "http://localhost:5173")

func TestPreflight(t *testing.T) {
	a := app(t).Do(t, backend.Request{Method: "OPTIONS", Path: "/api/hello", Header: map[string]string{
		"Origin":                         spaOrigin,
		"Access-Control-Request-Method":  "GET",
		"Access-Control-Request-Headers": "authorization",
	}})
	if a.Status != 204 {
		t.Errorf("status %d, want 204", a.Status)
	}
	checkCrossOrigin(t, a)
	if got := a.Header.Get("Access-Control-Allow-Methods"); !strings.Contains(got, "GET") {
		t.Errorf("Access-Control-Allow-Methods: %q", got)
	}
	if got := strings.ToLower(a.Header.Get("Access-Control-Allow-Headers")); !strings.Contains(got, "authorization") {
		t.Errorf("Access-Control-Allow-Headers: %q", got)
	}
}

// The page has to be able to read errors too.
func TestCrossOriginRequest(t *testing.T) {
	for name, token := range map[string]string{"signed in": people.Token(t, "alice"), "refused": "abc", "nobody": ""} {
		for _, path := range append(protected, "/nope") {
			t.Run(name+" "+path, func(t *testing.T) {
				a := app(t).Do(t, backend.Request{Path: path, Token: token, Header: map[string]string{"Origin": spaOrigin}})
				checkCrossOrigin(t, a)
			})
		}
	}
}

func checkCrossOrigin(t *testing.T, a backend.Answer) {
	t.Helper()
	if got := a.Header.Get("Access-Control-Allow-Origin"); got != spaOrigin {
		t.Errorf("Access-Control-Allow-Origin: %q, want %q", got, spaOrigin)
	}
	if got := a.Header.Get("Access-Control-Allow-Credentials"); got != "true" {
		t.Errorf("Access-Control-Allow-Credentials: %q, want true", got)
	}
	varies := slices.ContainsFunc(a.Header.Values("Vary"), func(v string) bool { return strings.Contains(v, "Origin") })
	if !varies {
		t.Errorf("Vary: %q, want Origin in it", a.Header.Values("Vary"))
	}
}
