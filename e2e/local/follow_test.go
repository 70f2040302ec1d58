package local

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"encore.app/e2e/backend"
	"encore.app/e2e/people"
)

func registered(t *testing.T) string {
	t.Helper()
	return people.Register(t).Token(t)
}

func awaitMe(t *testing.T, token, what string, right func(backend.Answer) bool) {
	t.Helper()
	var a backend.Answer
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if a = app(t).Get(t, "/users/me", token); right(a) {
			return
		}
	}
	t.Fatalf("not %s: status %d: %s", what, a.Status, a.Body)
}

func named(name string) func(backend.Answer) bool {
	return func(a backend.Answer) bool {
		return a.Status == 200 && strings.Contains(a.Body, fmt.Sprintf("%q", name))
	}
}

func refused(status int, message string) func(backend.Answer) bool {
	return func(a backend.Answer) bool { return a.Status == status && strings.Contains(a.Body, message) }
}

func disableWebhooks(t *testing.T) {
	t.Helper()
	var hooks []struct{ ID string }
	people.Manage(t, "GET", "/hooks", nil, &hooks)
	if len(hooks) == 0 {
		t.Fatal("the provider has no webhook")
	}
	for _, hook := range hooks {
		people.Manage(t, "PATCH", "/hooks/"+hook.ID, map[string]any{"enabled": false}, nil)
		t.Cleanup(func() { people.Manage(t, "PATCH", "/hooks/"+hook.ID, map[string]any{"enabled": true}, nil) })
	}
}

// The token stays valid throughout.
func TestFollowWebhooks(t *testing.T) {
	token := registered(t)
	path := "/users/" + people.Subject(t, token)
	id := me(t, token).ID

	people.Manage(t, "PATCH", path, map[string]any{"name": "Followed"}, nil)
	awaitMe(t, token, "renamed", named("Followed"))
	people.Manage(t, "PATCH", path+"/is-suspended", map[string]any{"isSuspended": true}, nil)
	awaitMe(t, token, "suspended", refused(403, "suspended"))
	people.Manage(t, "PATCH", path+"/is-suspended", map[string]any{"isSuspended": false}, nil)
	awaitMe(t, token, "let in again", named("Followed"))
	if got := me(t, token).ID; got != id {
		t.Errorf("the id was %d and is %d", id, got)
	}
	people.Manage(t, "DELETE", path, nil, nil)
	awaitMe(t, token, "deleted", refused(401, "deleted"))
}

// A sync applies what the webhook missed.
func TestFollowSync(t *testing.T) {
	edited, suspended, deleted := registered(t), registered(t), registered(t)
	for _, token := range []string{edited, suspended, deleted} {
		me(t, token)
	}
	disableWebhooks(t)
	path := func(token string) string { return "/users/" + people.Subject(t, token) }
	people.Manage(t, "PATCH", path(edited), map[string]any{"name": "Synced"}, nil)
	people.Manage(t, "PATCH", path(suspended)+"/is-suspended", map[string]any{"isSuspended": true}, nil)
	people.Manage(t, "DELETE", path(deleted), nil, nil)

	a := app(t).Do(t, backend.Request{Method: "POST", Path: "/users.Sync"})
	done := backend.JSON[struct{ Seen, Changed, Deleted int }](t, a)
	if done.Seen < 2 || done.Changed < 2 || done.Deleted < 1 {
		t.Errorf("the sync changed too little: %s", a.Body)
	}
	awaitMe(t, edited, "renamed", named("Synced"))
	awaitMe(t, suspended, "suspended", refused(403, "suspended"))
	awaitMe(t, deleted, "deleted", refused(401, "deleted"))
}

// The token has no profile, so the backend fetches it from the Management API.
func TestNewcomerHasProfile(t *testing.T) {
	disableWebhooks(t)
	token := registered(t)
	me(t, token)
	awaitMe(t, token, "with a username", func(a backend.Answer) bool {
		return a.Status == 200 && strings.Contains(a.Body, `"person_`)
	})
}
