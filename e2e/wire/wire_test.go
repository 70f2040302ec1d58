// Package wire checks what a client sees of the Encore runtime. It calls the
// application in .probe at WIRE_URL, on Encore or on the stand-in, and must pass on
// both. The dot keeps the Encore CLI from taking .probe for a part of this application.
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

// checkAnswer checks an answer in JSON.
func checkAnswer(t *testing.T, a backend.Answer, status int, body string) {
	t.Helper()
	if a.Status != status || a.Body != body {
		t.Errorf("%d %q, want %d %q", a.Status, a.Body, status, body)
	}
	checkHeaders(t, a, "application/json", "nosniff")
	checkIDs(t, a)
}

func checkHeaders(t *testing.T, a backend.Answer, contentType, contentTypeOptions string) {
	t.Helper()
	for name, want := range map[string]string{"Content-Type": contentType, "X-Content-Type-Options": contentTypeOptions, "Vary": "Origin"} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func checkIDs(t *testing.T, a backend.Answer) {
	t.Helper()
	if id := a.Header.Get("X-Encore-Trace-Id"); id == "" || a.Header.Get("X-Request-Id") != id {
		t.Errorf("X-Encore-Trace-Id %q and X-Request-Id %q must be equal", id, a.Header.Get("X-Request-Id"))
	}
}

// checkError checks an error without details.
func checkError(t *testing.T, a backend.Answer, status int, code, message string) {
	t.Helper()
	checkAnswer(t, a, status, errorBody(code, message, "null"))
}

func errorBody(code, message, details string) string {
	return "{\n  \"code\": " + quote(code) + ",\n  \"message\": " + quote(message) + ",\n  \"details\": " + details + "\n}"
}

// text is the body of a TextResponse.
func text(s string) string { return "{\n  \"text\": " + quote(s) + "\n}\n" }

func quote(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}
