// Package wire pins what a client sees of the Encore runtime. It calls the
// probe application in dev/.encore/probe at WIRE_URL, on the Encore CLI or on
// the stand-in, and must give the same verdicts on both.
package wire

import (
	"encoding/json"
	"strings"
	"testing"

	"encore.app/e2e/backend"
)

func probe(t *testing.T) *backend.Backend {
	t.Helper()
	return backend.FromEnv(t, "WIRE_URL")
}

// checkAnswer checks an answer in all its parts that every endpoint has.
func checkAnswer(t *testing.T, a backend.Answer, status int, body string) {
	t.Helper()
	if a.Status != status {
		t.Errorf("status %d, want %d", a.Status, status)
	}
	if a.Body != body {
		t.Errorf("body %q, want %q", a.Body, body)
	}
	checkHeaders(t, a)
	if id := a.Header.Get("X-Encore-Trace-Id"); id == "" || a.Header.Get("X-Request-Id") != id {
		t.Errorf("X-Encore-Trace-Id %q and X-Request-Id %q, want one and the same", id, a.Header.Get("X-Request-Id"))
	}
}

// checkHeaders checks the headers that every answer in JSON has.
func checkHeaders(t *testing.T, a backend.Answer) {
	t.Helper()
	for name, want := range map[string]string{
		"Content-Type":           "application/json",
		"X-Content-Type-Options": "nosniff",
		"Vary":                   "Origin",
	} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func checkRefusal(t *testing.T, a backend.Answer, status int, code, message string) {
	t.Helper()
	checkAnswer(t, a, status, refusal(code, message, "null"))
}

// refusal is the body of a refusal, letter by letter.
func refusal(code, message, details string) string {
	return "{\n  \"code\": " + quote(code) + ",\n  \"message\": " + quote(message) + ",\n  \"details\": " + details + "\n}"
}

func quote(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic(err) // a string can be marshalled
	}
	return strings.TrimSuffix(b.String(), "\n")
}
