// Package local tests the backend at BASE_URL with tokens that only the local
// identity provider issues: those of newly registered people, and wrong ones.
package local

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"encore.app/e2e/backend"
	"encore.app/e2e/people"
)

func app(t *testing.T) *backend.Backend {
	t.Helper()
	return backend.FromEnv(t, "BASE_URL")
}

type user struct {
	ID      int64  `json:"id"`
	LogtoID string `json:"logto_id"`
}

func me(t *testing.T, token string) user {
	t.Helper()
	u := backend.JSON[user](t, app(t).Get(t, "/users/me", token))
	if want := people.Subject(t, token); u.LogtoID != want {
		t.Errorf("logto_id %q, want %q", u.LogtoID, want)
	}
	return u
}

// IDs are given out in order, so they show which call created the row.
func TestFirstCallMakesRow(t *testing.T) {
	helloFirst, meFirst := people.Register(t).Token(t), people.Register(t).Token(t)

	a := app(t).Get(t, "/api/hello", helloFirst)
	want := fmt.Sprintf("Hello, %s!", people.Subject(t, helloFirst))
	if !strings.Contains(a.Body, want) {
		t.Fatalf("status %d: %s, want %s", a.Status, a.Body, want)
	}
	later := me(t, meFirst)
	if earlier := me(t, helloFirst); earlier.ID >= later.ID {
		t.Errorf("the first caller, of /api/hello, has the ID %d; the second, of /users/me, has %d", earlier.ID, later.ID)
	}
	if again := me(t, meFirst); again != later {
		t.Errorf("the row is %+v and then %+v", later, again)
	}
}

func TestWrongToken(t *testing.T) {
	for name, test := range map[string]struct{ token, message string }{
		"opaque":           {people.FromProvider(t, "alice", "--opaque"), "resource"},
		"ID token":         {people.FromProvider(t, "alice", "--id-token"), "ID token"},
		"another resource": {people.ManagementToken(t), "audience"},
	} {
		t.Run(name, func(t *testing.T) {
			e := backend.Refusal(t, app(t).Get(t, "/api/hello", test.token), http.StatusUnauthorized)
			if e.Code != "unauthenticated" || !strings.Contains(e.Message, test.message) {
				t.Errorf("%s: %q, want unauthenticated and a message about %q", e.Code, e.Message, test.message)
			}
		})
	}
}
