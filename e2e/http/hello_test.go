package http_test

import (
	"strings"
	"testing"

	"encore.app/e2e/backend"
	"encore.app/e2e/people"
)

func TestPing(t *testing.T) {
	for name, token := range map[string]string{"nobody": "", "bad token": "abc"} {
		t.Run(name, func(t *testing.T) {
			a := app(t).Get(t, "/api/ping", token)
			checkNoInternals(t, a)
			if got := backend.JSON[message](t, a).Message; got != "pong" {
				t.Errorf("message %q, want pong", got)
			}
		})
	}
}

func TestReady(t *testing.T) {
	for name, token := range map[string]string{"nobody": "", "bad token": "abc"} {
		t.Run(name, func(t *testing.T) {
			a := app(t).Get(t, "/api/ready", token)
			checkNoInternals(t, a)
			if got := backend.JSON[message](t, a).Message; got != "ready" {
				t.Errorf("message %q, want ready", got)
			}
		})
	}
}

func TestHello(t *testing.T) {
	for _, person := range []string{"alice", "bob"} {
		t.Run(person, func(t *testing.T) {
			token := people.Token(t, person)
			a := app(t).Get(t, "/api/hello", token)
			checkNoInternals(t, a)
			want := "Hello, " + people.Subject(t, token) + "!"
			if got := backend.JSON[message](t, a).Message; got != want {
				t.Errorf("message %q, want %q", got, want)
			}
		})
	}
}

func TestHelloKeepsCallersApart(t *testing.T) {
	var requests []backend.Request
	for i := range 40 {
		person := []string{"alice", "bob"}[i%2]
		requests = append(requests, backend.Request{Path: "/api/hello", Token: people.Token(t, person)})
	}
	for i, a := range app(t).All(t, requests) {
		want := "Hello, " + people.Subject(t, requests[i].Token) + "!"
		if got := backend.JSON[message](t, a).Message; got != want {
			t.Errorf("message %q, want %q", got, want)
		}
	}
}

// RFC 9110, section 11.1.
func TestSchemeIsCaseInsensitive(t *testing.T) {
	token := people.Token(t, "alice")
	for _, scheme := range []string{"Bearer", "bearer", "BEARER"} {
		a := app(t).Do(t, backend.Request{Path: "/api/hello", Header: map[string]string{"Authorization": scheme + " " + token}})
		if a.Status != 200 {
			t.Errorf("%s: %d %s", scheme, a.Status, a.Body)
		}
	}
}

// protected lists endpoints that need a token.
var protected = []string{"/api/hello", "/users/me"}

func TestNoToken(t *testing.T) {
	token := people.Token(t, "alice")
	for name, header := range map[string]map[string]string{
		"no header":    nil,
		"empty header": {"Authorization": ""},
		"no scheme":    {"Authorization": token},
		"no token":     {"Authorization": "Bearer"},
		"other scheme": {"Authorization": "Basic " + token},
	} {
		for _, path := range protected {
			t.Run(name+" "+path, func(t *testing.T) {
				checkRefused(t, app(t).Do(t, backend.Request{Path: path, Header: header}))
			})
		}
	}
}

// The message helps the developer, and repeats nothing from the token. The tests of
// auth/token cover all kinds of bad tokens.
func TestBadToken(t *testing.T) {
	token := people.Token(t, "alice")
	signature := token[strings.LastIndex(token, ".")+1:]
	for name, test := range map[string]struct{ token, message string }{
		"opaque":        {strings.Repeat("a", 43), "resource"},
		"other subject": {people.Alter(t, token, nil, map[string]any{"sub": "somebody"}), "signature"},
		"expired":       {people.Alter(t, token, nil, map[string]any{"exp": 1_700_000_000}), "expired"},
	} {
		t.Run(name, func(t *testing.T) {
			a := app(t).Get(t, "/api/hello", test.token)
			if got := checkRefused(t, a); !strings.Contains(got, test.message) {
				t.Errorf("message %q, want one about %q", got, test.message)
			}
			for _, secret := range []string{signature, people.Subject(t, token), "somebody"} {
				if strings.Contains(a.Body, secret) {
					t.Errorf("the response repeats a part of the token: %s", a.Body)
				}
			}
		})
	}
}
