package wire

import (
	"reflect"
	"strings"
	"testing"

	"encore.app/e2e/backend"
)

// checkRaw checks the answer of a raw endpoint, to which Encore adds few headers.
func checkRaw(t *testing.T, a backend.Answer, status int, contentType, body string) {
	t.Helper()
	if a.Status != status || a.Body != body {
		t.Errorf("%d %q, want %d %q", a.Status, a.Body, status, body)
	}
	checkHeaders(t, a, contentType, "")
	checkIDs(t, a)
}

func TestRaw(t *testing.T) {
	a := probe(t).Do(t, backend.Request{
		Method: "POST", Path: "/raw/echo?a=b", Body: "hello", Header: map[string]string{"X-Account": "12"},
	})
	checkRaw(t, a, 202, "text/plain", `POST /raw/echo?a=b 12 by "" false: hello`)
	if got := a.Header.Values("X-Word"); !reflect.DeepEqual(got, []string{"a", "b"}) {
		t.Errorf("X-Word: %q", got)
	}
	tooLong := probe(t).Do(t, backend.Request{Method: "PUT", Path: "/raw/echo", Body: strings.Repeat("a", 101)})
	if tooLong.Status != 413 || tooLong.Body != "http: request body too large\n" {
		t.Errorf("%d %q", tooLong.Status, tooLong.Body)
	}
}

func TestRawWithToken(t *testing.T) {
	put := func(token string) backend.Answer {
		return probe(t).Do(t, backend.Request{
			Method: "PUT", Path: "/raw/echo", Token: token, Body: "hello", Header: map[string]string{"X-Account": "12"},
		})
	}
	checkRaw(t, put("ok:alice"), 202, "text/plain", `PUT /raw/echo 12 by "alice" true: hello`)
	checkRaw(t, put("hide:alice"), 202, "text/plain", `PUT /raw/echo  by "alice" true: hello`)
	checkRaw(t, put("unauthenticated"), 202, "text/plain", `PUT /raw/echo 12 by "" false: hello`)
	checkError(t, put("unavailable"), 503, "unavailable", "try again")
}

// The client sees only what the endpoint wrote.
func TestRawFails(t *testing.T) {
	checkAnswer(t, probe(t).Get(t, "/raw/fail/errs", ""), 409, errorBody("aborted", "too late", "{\n    \"scope\": \"a\"\n  }"))
	checkRaw(t, probe(t).Get(t, "/raw/fail/late", ""), 418, "", "")
	checkRaw(t, probe(t).Get(t, "/raw/fail/early", ""), 200, "", "")
}
