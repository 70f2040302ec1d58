package wire

import (
	"testing"

	"encore.app/e2e/backend"
)

func text(s string) string { return "{\n  \"text\": " + quote(s) + "\n}\n" }

func TestMiddlewareRefuses(t *testing.T) {
	b := probe(t)
	checkAnswer(t, b.Get(t, "/guard/refuse", ""), 403,
		refusal("permission_denied", "you may not", "{\n    \"scope\": \"read:reports\"\n  }"))
	a := b.Get(t, "/guard/refuse-with-status", "")
	checkRefusal(t, a, 418, "permission_denied", "no tea")
	if got := a.Header.Get("X-Gate"); got != "refused" {
		t.Errorf("X-Gate: %q", got)
	}
}

// The status that a middleware gets from the endpoint stays, unless it sets
// another: not even an error changes it.
func TestMiddlewareRefusesAfterEndpoint(t *testing.T) {
	checkRefusal(t, probe(t).Get(t, "/guard/refuse-late", ""), 200, "permission_denied", "too late")
}

// Middleware comes after the auth handler, the decoding and the validation.
func TestMiddlewareComesLast(t *testing.T) {
	b := probe(t)
	checkRefusal(t, b.Get(t, "/guard/refuse-number?number=x", ""), 401, "unauthenticated", "missing auth param")
	checkRefusal(t, b.Get(t, "/guard/refuse-number?number=x", "ok:alice"), 400, "invalid_argument",
		`decode request: number: invalid parameter: strconv.ParseInt: parsing "x": invalid syntax`)
	checkRefusal(t, b.Get(t, "/guard/refuse-number?number=-1", "ok:alice"), 400, "invalid_argument",
		"validation failed: the number is negative")
	backend.Refusal(t, b.Get(t, "/guard/refuse-number?number=1", "ok:alice"), 403)
}

func TestMiddlewareFails(t *testing.T) {
	for path, message := range map[string]string{
		"panic": "panic executing middleware gate.Gate: at the gate",
		"twice": "middleware called next() too many times",
		"nothing": "invalid middleware: cannot return payload of type <nil> " +
			"for endpoint guard.Nothing (expected type *gate.TextResponse)",
		"wrong": "invalid middleware: cannot return payload of type string " +
			"for endpoint guard.Wrong (expected type *gate.TextResponse)",
	} {
		t.Run(path, func(t *testing.T) {
			checkRefusal(t, probe(t).Get(t, "/guard/"+path, ""), 500, "internal", message)
		})
	}
}

func TestMiddlewareChangesAnswer(t *testing.T) {
	b := probe(t)
	a := b.Get(t, "/guard/change", "")
	checkAnswer(t, a, 202, text("from the endpoint, changed"))
	if got := a.Header.Get("X-Gate"); got != "changed" {
		t.Errorf("X-Gate: %q", got)
	}
	checkAnswer(t, b.Get(t, "/guard/replace", ""), 200, text("replaced"))
	checkAnswer(t, b.Get(t, "/guard/nothing-empty", ""), 200, "")
	checkAnswer(t, b.Get(t, "/guard/hide-error", ""), 200, text("hidden: unknown code: oh"))
	checkAnswer(t, b.Get(t, "/guard/hide-panic", ""), 200, text("hidden: internal: panic handling request: oh"))
}

func TestMiddlewareChangesContext(t *testing.T) {
	checkAnswer(t, probe(t).Get(t, "/guard/context", "ok:alice"), 200, text("alice true &{[read write] 0  }"))
}
