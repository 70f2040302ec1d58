package wire

import (
	"strings"
	"testing"

	"encore.app/e2e/backend"
)

func TestNoResponse(t *testing.T) {
	a := probe(t).Do(t, backend.Request{Method: "POST", Path: "/nothing"})
	checkAnswer(t, a, 200, "")
	if got := a.Header.Get("X-Gate"); got != "passed" {
		t.Errorf("the middleware's header is %q", got)
	}
	checkAnswer(t, probe(t).Get(t, "/fail/nothing", ""), 200, "null\n")
}

// The client sees the text of errors without a code, and of causes.
func TestError(t *testing.T) {
	for _, test := range []struct {
		kind, code, message string
		status              int
	}{
		{"plain", "unknown", "pq: relation does not exist", 500},
		{"cause", "internal", "can't read: pq: relation does not exist", 500},
		{"wrap", "unavailable", "can't reach: pq: relation does not exist", 503},
		{"panic", "internal", "panic handling request: at the disco", 500},
		{"canceled", "canceled", "it is canceled", 499},
		{"unknown", "unknown", "it is unknown", 500},
		{"invalid_argument", "invalid_argument", "it is invalid_argument", 400},
		{"deadline_exceeded", "deadline_exceeded", "it is deadline_exceeded", 504},
		{"not_found", "not_found", "it is not_found", 404},
		{"already_exists", "already_exists", "it is already_exists", 409},
		{"permission_denied", "permission_denied", "it is permission_denied", 403},
		{"resource_exhausted", "resource_exhausted", "it is resource_exhausted", 429},
		{"failed_precondition", "failed_precondition", "it is failed_precondition", 400},
		{"aborted", "aborted", "it is aborted", 409},
		{"out_of_range", "out_of_range", "it is out_of_range", 400},
		{"unimplemented", "unimplemented", "it is unimplemented", 501},
		{"internal", "internal", "it is internal", 500},
		{"unavailable", "unavailable", "it is unavailable", 503},
		{"data_loss", "data_loss", "it is data_loss", 500},
		{"unauthenticated", "unauthenticated", "it is unauthenticated", 401},
		{"builder", "unknown", "unknown error", 500},
	} {
		t.Run(test.kind, func(t *testing.T) {
			checkError(t, probe(t).Get(t, "/fail/"+test.kind, ""), test.status, test.code, test.message)
		})
	}
	checkAnswer(t, probe(t).Get(t, "/fail/details", ""), 400,
		errorBody("invalid_argument", "no", "{\n    \"scope\": \"a\"\n  }"))
}

func TestRequestID(t *testing.T) {
	long := strings.Repeat("0123456789", 10)
	for sent, want := range map[string]string{"my-request": "my-request", long: long[:64]} {
		a := probe(t).Do(t, backend.Request{Path: "/public", Header: map[string]string{"X-Request-Id": sent}})
		if got := a.Header.Get("X-Request-Id"); got != want {
			t.Errorf("X-Request-Id: %q, want %q", got, want)
		}
		if got := a.Header.Get("X-Encore-Trace-Id"); got == "" || got == want {
			t.Errorf("X-Encore-Trace-Id: %q", got)
		}
	}
}
