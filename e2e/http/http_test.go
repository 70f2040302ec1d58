// Package http_test calls the backend at BASE_URL as its clients do. It can be
// any running one: on the stand-in, on the Encore CLI or deployed. Where that
// doesn't accept the tokens of the local identity provider, TOKEN_ALICE and
// TOKEN_BOB are access tokens of two people.
package http_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"encore.app/e2e/backend"
)

func app(t *testing.T) *backend.Backend {
	t.Helper()
	return backend.FromEnv(t, "BASE_URL")
}

// message is the answer of the endpoints that have nothing else to say.
type message struct {
	Message string `json:"message"`
}

// checkRefused checks an answer that refuses the token. It returns the message.
func checkRefused(t *testing.T, a backend.Answer) string {
	t.Helper()
	e := backend.Refusal(t, a, http.StatusUnauthorized)
	if e.Code != "unauthenticated" || e.Message == "" || string(e.Details) != "null" {
		t.Errorf("not Encore's shape: %s", a.Body)
	}
	checkSilent(t, a)
	return e.Message
}

// inside are words by which an answer would give away what is behind it.
var inside = []string{
	"sqlstate", "pgx", "pgconn", "postgres", "select ", "relation",
	"jwt:", "jwk", "keyfunc", "crypto/", "base64", "json:", "strconv",
	"dial tcp", "connection refused", "context deadline", "goroutine", ".go:", "panic", "runtime error", "/users.",
}

// checkSilent checks that the answer says nothing about the inside of the
// application, and that no browser will take it for a page.
func checkSilent(t *testing.T, a backend.Answer) {
	t.Helper()
	for _, word := range inside {
		if strings.Contains(strings.ToLower(a.Body), word) {
			t.Errorf("the answer tells of the inside (%q): %s", word, a.Body)
		}
	}
	if got := a.Header.Get("X-Content-Type-Options"); got != "nosniff" {
		t.Errorf("X-Content-Type-Options: %q, want nosniff", got)
	}
	if got := a.Header.Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type: %q, want application/json", got)
	}
	if !json.Valid([]byte(a.Body)) {
		t.Errorf("not JSON: %s", a.Body)
	}
}
