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
			checkSilent(t, a)
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
			checkSilent(t, a)
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
			checkSilent(t, a)
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

// The scheme may be in any letter case (RFC 9110, section 11.1).
func TestSchemeInAnyLetterCase(t *testing.T) {
	token := people.Token(t, "alice")
	for _, scheme := range []string{"Bearer", "bearer", "BEARER"} {
		a := app(t).Do(t, backend.Request{Path: "/api/hello", Header: map[string]string{"Authorization": scheme + " " + token}})
		if a.Status != 200 {
			t.Errorf("%s: %d %s", scheme, a.Status, a.Body)
		}
	}
}

// protected are the endpoints that need a caller.
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

// A token that is refused says what its developer must mend, and never what is in it.
func TestBadToken(t *testing.T) {
	token := people.Token(t, "alice")
	header, signature := token[:strings.Index(token, ".")], token[strings.LastIndex(token, ".")+1:]
	claims := func(name string, value any) string {
		return people.Alter(t, token, nil, map[string]any{name: value})
	}
	for name, test := range map[string]struct{ token, message string }{
		"opaque":               {strings.Repeat("a", 43), "resource"},
		"two parts":            {strings.TrimSuffix(token, "."+signature), "malformed"},
		"four parts":           {token + "." + signature, "malformed"},
		"empty parts":          {"..", "malformed"},
		"no JSON":              {"a.b.c", "malformed"},
		"no signature":         {strings.TrimSuffix(token, signature), "signature"},
		"another's signature":  {token[:len(token)-len(signature)] + flip(signature), "signature"},
		"other subject":        {claims("sub", "somebody"), "signature"},
		"more scopes":          {claims("scope", "read:users"), "signature"},
		"expired":              {claims("exp", 1_700_000_000), "expired"},
		"no expiry":            {claims("exp", nil), "claim"},
		"other issuer":         {claims("iss", "https://elsewhere.example/oidc"), "issuer"},
		"other audience":       {claims("aud", "https://elsewhere.example"), "audience"},
		"other application":    {claims("client_id", "elsewhere"), "application"},
		"ID token":             {people.Alter(t, token, map[string]any{"typ": "JWT"}, nil), "ID token"},
		"no algorithm":         {people.Alter(t, token, map[string]any{"alg": "none"}, nil), "access token"},
		"symmetric algorithm":  {people.Alter(t, token, map[string]any{"alg": "HS256"}, nil), "access token"},
		"too long":             {header + "." + strings.Repeat("a", 9000) + "." + signature, "too long"},
		"blank before it":      {" " + token, "malformed"},
		"two tokens in a line": {token + "," + token, "malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, path := range protected {
				a := app(t).Get(t, path, test.token)
				if got := checkRefused(t, a); !strings.Contains(got, test.message) {
					t.Errorf("message %q, want one about %q", got, test.message)
				}
				for _, secret := range []string{signature, people.Subject(t, token), "elsewhere", "somebody"} {
					if strings.Contains(a.Body, secret) {
						t.Errorf("the answer repeats what is in the token: %s", a.Body)
					}
				}
			}
		})
	}
}

// flip returns another signature, equally long and well-formed.
func flip(signature string) string {
	if signature[0] == 'A' {
		return "B" + signature[1:]
	}
	return "A" + signature[1:]
}
