// Package local calls the backend at BASE_URL with what only the local identity
// provider, at ISSUER, gives: newly registered people and the wrong tokens.
package local

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"encore.app/e2e/backend"
	"encore.app/e2e/people"
)

var issuer = cmp.Or(os.Getenv("ISSUER"), "http://localhost:3001/oidc")

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

// Ids are given out in order, so they tell which call made the row.
func TestFirstCallMakesRow(t *testing.T) {
	helloFirst, meFirst := register(t), register(t)

	a := app(t).Get(t, "/api/hello", helloFirst)
	want := fmt.Sprintf("Hello, %s!", people.Subject(t, helloFirst))
	if !strings.Contains(a.Body, want) {
		t.Fatalf("status %d: %s, want %s", a.Status, a.Body, want)
	}
	later := me(t, meFirst)
	if earlier := me(t, helloFirst); earlier.ID >= later.ID {
		t.Errorf("the row of who called /api/hello first has the id %d, that of who called /users/me next %d", earlier.ID, later.ID)
	}
	if again := me(t, meFirst); again != later {
		t.Errorf("the row is %+v and then %+v", later, again)
	}
}

func TestWrongToken(t *testing.T) {
	for name, test := range map[string]struct{ token, message string }{
		"opaque":           {people.FromProvider(t, "alice", "--opaque"), "resource"},
		"ID token":         {people.FromProvider(t, "alice", "--id-token"), "ID token"},
		"another resource": {managementToken(t), "audience"},
	} {
		t.Run(name, func(t *testing.T) {
			e := backend.Refusal(t, app(t).Get(t, "/api/hello", test.token), http.StatusUnauthorized)
			if e.Code != "unauthenticated" || !strings.Contains(e.Message, test.message) {
				t.Errorf("%s: %q, want unauthenticated and a message about %q", e.Code, e.Message, test.message)
			}
		})
	}
}

// managementToken returns the demo machine's token for the Management API.
func managementToken(t *testing.T) string {
	t.Helper()
	form := url.Values{
		"grant_type": {"client_credentials"},
		"resource":   {"https://default.logto.app/api"},
		"scope":      {"all"},
	}
	req, err := http.NewRequest("POST", issuer+"/token", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("m2m1localencore2logto", "local-development-only-not-a-secret")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.AccessToken == "" {
		t.Fatalf("no token: status %d: %s", resp.StatusCode, body)
	}
	return answer.AccessToken
}
