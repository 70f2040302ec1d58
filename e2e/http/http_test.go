// Package http_test calls the backend at BASE_URL as its clients do. The backend may
// run on the stand-in, on the Encore CLI, or be deployed. A deployed backend doesn't
// accept the local identity provider's tokens: set TOKEN_ALICE, TOKEN_BOB and the
// others in e2e/README.md.
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

type message struct {
	Message string `json:"message"`
}

// checkRefused checks a response that rejects the token, and returns its message.
func checkRefused(t *testing.T, a backend.Answer) string {
	t.Helper()
	e := backend.Refusal(t, a, http.StatusUnauthorized)
	if e.Code != "unauthenticated" || e.Message == "" || string(e.Details) != "null" {
		t.Errorf("not an error of Encore: %s", a.Body)
	}
	checkNoInternals(t, a)
	return e.Message
}

// internals are words that no response may contain.
var internals = []string{
	"sqlstate", "pgx", "pgconn", "postgres", "select ", "relation",
	"jwt:", "jwk", "keyfunc", "crypto/", "base64", "json:", "strconv",
	"dial tcp", "connection refused", "context deadline", "goroutine", ".go:", "panic", "runtime error", "/users.",
}

// checkNoInternals checks that the response reveals nothing about how the
// application works, and that browsers don't treat it as a page.
func checkNoInternals(t *testing.T, a backend.Answer) {
	t.Helper()
	for _, word := range internals {
		if strings.Contains(strings.ToLower(a.Body), word) {
			t.Errorf("the response contains %q: %s", word, a.Body)
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
