package wire

import (
	"slices"
	"strings"
	"testing"

	"encore.app/e2e/backend"
)

// A local Encore allows every origin, whatever encore.app says.
var origins = []string{"http://localhost:5173", "https://elsewhere.example", "null"}

func TestCrossOrigin(t *testing.T) {
	for _, origin := range origins {
		for _, r := range []backend.Request{
			{Path: "/public"},
			{Path: "/auth", Token: "ok:alice"},
			{Path: "/auth"},
			{Path: "/nope"},
		} {
			r.Header = map[string]string{"Origin": origin}
			a := probe(t).Do(t, r)
			checkAllowed(t, a, origin)
			exposed := list(a.Header.Get("Access-Control-Expose-Headers"))
			for _, name := range []string{"x-request-id", "x-correlation-id", "x-encore-trace-id"} {
				if !slices.Contains(exposed, name) {
					t.Errorf("%s is not exposed: %v", name, exposed)
				}
			}
		}
	}
}

func checkAllowed(t *testing.T, a backend.Answer, origin string) {
	t.Helper()
	if got := a.Header.Get("Access-Control-Allow-Origin"); got != origin {
		t.Errorf("Access-Control-Allow-Origin: %q, want %q", got, origin)
	}
	if got := a.Header.Get("Access-Control-Allow-Credentials"); got != "true" {
		t.Errorf("Access-Control-Allow-Credentials: %q", got)
	}
	if !slices.Contains(list(strings.Join(a.Header.Values("Vary"), ",")), "origin") {
		t.Errorf("Vary lacks Origin: %q", a.Header.Values("Vary"))
	}
}

// list returns the items of a header in lower case.
func list(header string) []string {
	return strings.Split(strings.ReplaceAll(strings.ToLower(header), " ", ""), ",")
}

func preflight(t *testing.T, path, origin, method, headers string) backend.Answer {
	t.Helper()
	a := probe(t).Do(t, backend.Request{Method: "OPTIONS", Path: path, Header: map[string]string{
		"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers,
	}})
	if a.Status != 204 || a.Body != "" {
		t.Errorf("%d %q, want 204 and no body", a.Status, a.Body)
	}
	return a
}

func TestPreflight(t *testing.T) {
	for _, origin := range origins {
		for _, path := range []string{"/body", "/nope"} {
			a := preflight(t, path, origin, "PATCH", "authorization,content-type,x-account")
			checkAllowed(t, a, origin)
			if got := a.Header.Get("Access-Control-Allow-Methods"); got != "PATCH" {
				t.Errorf("Access-Control-Allow-Methods: %q, want PATCH", got)
			}
			if got := list(a.Header.Get("Access-Control-Allow-Headers")); !slices.Equal(got, []string{"authorization", "content-type", "x-account"}) {
				t.Errorf("Access-Control-Allow-Headers: %v", got)
			}
		}
	}
}

func TestPreflightRejected(t *testing.T) {
	for _, a := range []backend.Answer{
		preflight(t, "/public", origins[0], "GET", "x-unusual"),
		preflight(t, "/public", origins[0], "FOO", ""),
	} {
		if got := a.Header.Get("Access-Control-Allow-Origin"); got != "" {
			t.Errorf("Access-Control-Allow-Origin: %q, want none", got)
		}
	}
}
