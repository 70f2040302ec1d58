package local

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"encore.app/e2e/backend"
	"encore.app/e2e/people"
)

// manage sends a request to the provider's Management API and reads the answer.
func manage(t *testing.T, method, path, body string, into any) {
	t.Helper()
	req, err := http.NewRequest(method, strings.TrimSuffix(issuer, "/oidc")+"/api"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+managementToken(t))
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode >= 300 {
		t.Fatalf("%s %s: status %d: %s", method, path, resp.StatusCode, answer)
	}
	if into != nil {
		if err := json.Unmarshal(answer, into); err != nil {
			t.Fatal(err)
		}
	}
}

// awaitMe asks for the caller's row until the answer is right.
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

// disableWebhooks keeps the provider from telling anybody of changes until the
// test ends.
func disableWebhooks(t *testing.T) {
	t.Helper()
	var hooks []struct{ ID string }
	manage(t, "GET", "/hooks", "", &hooks)
	if len(hooks) == 0 {
		t.Fatal("the provider has no webhook")
	}
	for _, hook := range hooks {
		manage(t, "PATCH", "/hooks/"+hook.ID, `{"enabled":false}`, nil)
		t.Cleanup(func() { manage(t, "PATCH", "/hooks/"+hook.ID, `{"enabled":true}`, nil) })
	}
}

// A person's life at the provider, with a token in hand that stays valid all along.
func TestFollowWebhooks(t *testing.T) {
	token := register(t)
	path := "/users/" + people.Subject(t, token)
	id := me(t, token).ID

	manage(t, "PATCH", path, `{"name":"Followed"}`, nil)
	awaitMe(t, token, "renamed", named("Followed"))
	manage(t, "PATCH", path+"/is-suspended", `{"isSuspended":true}`, nil)
	awaitMe(t, token, "suspended", refused(403, "suspended"))
	manage(t, "PATCH", path+"/is-suspended", `{"isSuspended":false}`, nil)
	awaitMe(t, token, "let in again", named("Followed"))
	if got := me(t, token).ID; got != id {
		t.Errorf("the id was %d and is %d", id, got)
	}
	manage(t, "DELETE", path, "", nil)
	awaitMe(t, token, "deleted", refused(401, "deleted"))
}

// What the webhook missed, a sync makes up for.
func TestFollowSync(t *testing.T) {
	edited, suspended, deleted := register(t), register(t), register(t)
	for _, token := range []string{edited, suspended, deleted} {
		me(t, token)
	}
	disableWebhooks(t)
	path := func(token string) string { return "/users/" + people.Subject(t, token) }
	manage(t, "PATCH", path(edited), `{"name":"Synced"}`, nil)
	manage(t, "PATCH", path(suspended)+"/is-suspended", `{"isSuspended":true}`, nil)
	manage(t, "DELETE", path(deleted), "", nil)

	a := app(t).Do(t, backend.Request{Method: "POST", Path: "/users.Sync"})
	done := backend.JSON[struct{ Seen, Changed, Deleted int }](t, a)
	if done.Seen < 2 || done.Changed < 2 || done.Deleted < 1 {
		t.Errorf("the sync did too little: %s", a.Body)
	}
	awaitMe(t, edited, "renamed", named("Synced"))
	awaitMe(t, suspended, "suspended", refused(403, "suspended"))
	awaitMe(t, deleted, "deleted", refused(401, "deleted"))
}

// Somebody new whose token carries no profile has one soon after the first call,
// though no webhook told of them.
func TestNewcomerHasProfile(t *testing.T) {
	disableWebhooks(t)
	token := register(t)
	me(t, token)
	awaitMe(t, token, "with a username", func(a backend.Answer) bool {
		return a.Status == 200 && strings.Contains(a.Body, `"person_`)
	})
}
