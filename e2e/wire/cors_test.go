package wire

import (
	"slices"
	"strings"
	"testing"

	"encore.app/e2e/backend"
)

// A developer's machine allows every origin, whatever encore.app says.
var origins = []string{"http://localhost:5173", "https://elsewhere.example", "null"}

func TestCrossOrigin(t *testing.T) {
	for _, origin := range origins {
		for name, r := range map[string]backend.Request{
			"public":      {Path: "/public"},
			"with token":  {Path: "/auth", Token: "ok:alice"},
			"refused":     {Path: "/auth"},
			"not found":   {Path: "/nope"},
			"with cookie": {Path: "/public", Header: map[string]string{"Cookie": "a=b"}},
		} {
			t.Run(origin+" "+name, func(t *testing.T) {
				if r.Header == nil {
					r.Header = map[string]string{}
				}
				r.Header["Origin"] = origin
				a := probe(t).Do(t, r)
				checkAllowed(t, a, origin)
				exposed := list(a.Header.Get("Access-Control-Expose-Headers"))
				for _, name := range []string{"x-request-id", "x-correlation-id", "x-encore-trace-id", "x-account"} {
					if !slices.Contains(exposed, name) {
						t.Errorf("%s is not exposed: %v", name, exposed)
					}
				}
			})
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

func list(header string) []string {
	names := strings.Split(strings.ToLower(header), ",")
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	return names
}

func preflight(t *testing.T, path string, header map[string]string) backend.Answer {
	t.Helper()
	a := probe(t).Do(t, backend.Request{Method: "OPTIONS", Path: path, Header: header})
	if a.Status != 204 || a.Body != "" {
		t.Errorf("status %d, body %q, want 204 without one", a.Status, a.Body)
	}
	return a
}

func TestPreflight(t *testing.T) {
	for _, origin := range origins {
		a := preflight(t, "/body", map[string]string{
			"Origin":                         origin,
			"Access-Control-Request-Method":  "PATCH",
			"Access-Control-Request-Headers": "authorization,content-type",
		})
		checkAllowed(t, a, origin)
		if got := a.Header.Get("Access-Control-Allow-Methods"); got != "PATCH" {
			t.Errorf("Access-Control-Allow-Methods: %q, want PATCH", got)
		}
		if got := list(a.Header.Get("Access-Control-Allow-Headers")); !slices.Equal(got, []string{"authorization", "content-type"}) {
			t.Errorf("Access-Control-Allow-Headers: %v, want those asked for", got)
		}
	}
}

// The answer does not depend on whether there is such an endpoint.
func TestPreflightOfUnknownPath(t *testing.T) {
	checkAllowed(t, preflight(t, "/nope", map[string]string{
		"Origin": origins[0], "Access-Control-Request-Method": "GET",
	}), origins[0])
}

func TestPreflightForPrivateNetwork(t *testing.T) {
	a := preflight(t, "/public", map[string]string{
		"Origin": origins[0], "Access-Control-Request-Method": "GET", "Access-Control-Request-Private-Network": "true",
	})
	if got := a.Header.Get("Access-Control-Allow-Private-Network"); got != "true" {
		t.Errorf("Access-Control-Allow-Private-Network: %q", got)
	}
}

func TestPreflightRefused(t *testing.T) {
	for name, header := range map[string]map[string]string{
		"header of no endpoint": {"Origin": origins[0], "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "x-unusual"},
		"method nobody knows":   {"Origin": origins[0], "Access-Control-Request-Method": "FOO"},
		"no origin":             {"Access-Control-Request-Method": "GET"},
	} {
		t.Run(name, func(t *testing.T) {
			a := preflight(t, "/public", header)
			if got := a.Header.Get("Access-Control-Allow-Origin"); got != "" {
				t.Errorf("Access-Control-Allow-Origin: %q, want none", got)
			}
		})
	}
}
