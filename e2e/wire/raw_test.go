package wire

import (
	"reflect"
	"strings"
	"testing"

	"encore.app/e2e/backend"
)

// checkRaw checks an answer that the endpoint wrote itself: Encore adds no more
// than the headers that tell requests apart.
func checkRaw(t *testing.T, a backend.Answer, status int, contentType, body string) {
	t.Helper()
	if a.Status != status || a.Body != body {
		t.Errorf("%d %q, want %d %q", a.Status, a.Body, status, body)
	}
	for name, want := range map[string]string{"Content-Type": contentType, "X-Content-Type-Options": "", "Vary": "Origin"} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if id := a.Header.Get("X-Encore-Trace-Id"); id == "" || a.Header.Get("X-Request-Id") != id {
		t.Errorf("X-Encore-Trace-Id %q and X-Request-Id %q, want one and the same", id, a.Header.Get("X-Request-Id"))
	}
}

const plain = "text/plain; charset=utf-8"

func TestRaw(t *testing.T) {
	a := probe(t).Do(t, backend.Request{
		Method: "POST", Path: "/raw/echo?a=b", Body: "hello", Header: map[string]string{"X-Account": "12"},
	})
	checkRaw(t, a, 202, "text/plain", `POST /raw/echo?a=b 12 by "" false <nil>: hello`)
	if got := a.Header.Values("X-Word"); !reflect.DeepEqual(got, []string{"a", "b"}) {
		t.Errorf("X-Word: %q", got)
	}
}

// The auth handler runs before, and what it refuses with goes out as ever.
func TestRawWithToken(t *testing.T) {
	put := func(token string) backend.Answer {
		return probe(t).Do(t, backend.Request{Method: "PUT", Path: "/raw/echo", Token: token, Body: "hello"})
	}
	checkRaw(t, put("ok:alice"), 202, "text/plain", `PUT /raw/echo  by "alice" true &{[read write] 0  }: hello`)
	checkRaw(t, put("unauthenticated"), 202, "text/plain", `PUT /raw/echo  by "" false <nil>: hello`)
	checkRefusal(t, put("permission_denied"), 403, "permission_denied", "you are locked out")
	checkRefusal(t, put("unavailable"), 503, "unavailable", "try again")
	checkRefusal(t, put("panic"), 500, "internal", "auth handler panicked: token panic")
}

// A header that the auth handler takes out of the request is gone for the
// endpoint, and so for the trace that Encore writes of it.
func TestAuthHandlerHidesHeader(t *testing.T) {
	account := map[string]string{"X-Account": "12"}
	checkRaw(t, probe(t).Do(t, backend.Request{Method: "PUT", Path: "/raw/echo", Token: "hide:alice", Header: account}),
		202, "text/plain", `PUT /raw/echo  by "alice" true &{[read write] 0  }: `)
	a := probe(t).Do(t, backend.Request{Path: "/guard/request/1/of/a", Token: "hide:alice", Header: account})
	if got := backend.JSON[map[string]any](t, a); got["Account"] != "" || got["Host"] == "" {
		t.Errorf("the endpoint sees %s", a.Body)
	}
}

func TestRawBodyIsBoundByTheEndpoint(t *testing.T) {
	a := probe(t).Do(t, backend.Request{Method: "PUT", Path: "/raw/echo", Body: strings.Repeat("a", 101)})
	if a.Status != 413 || a.Body != "http: request body too large\n" {
		t.Errorf("%d %q", a.Status, a.Body)
	}
}

func TestRawMethods(t *testing.T) {
	b := probe(t)
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} {
		checkRaw(t, b.Do(t, backend.Request{Method: method, Path: "/raw/method"}), 200, plain, "hello "+method)
	}
	checkRaw(t, b.Do(t, backend.Request{Method: "HEAD", Path: "/raw/method"}), 200, plain, "")
	checkNotFound(t, b.Do(t, backend.Request{Method: "FOO", Path: "/raw/method"}))
	checkNotFound(t, b.Get(t, "/raw/echo", ""))
	checkRaw(t, b.Do(t, backend.Request{Method: "DELETE", Path: "/hooks.Default"}), 200, "", "")
}

func TestRawAuth(t *testing.T) {
	checkRaw(t, probe(t).Get(t, "/raw/signed", "ok:alice"), 200, plain, "hello alice")
	checkRefusal(t, probe(t).Get(t, "/raw/signed", ""), 401, "unauthenticated", "missing auth param")
}

func TestRawCurrentRequest(t *testing.T) {
	for path, want := range map[string]string{
		"/raw/describe/a%2Fb/c/d%20e": "Path:/raw/describe/a/b/c/d e Method:GET PathParams:[{Name:id Value:a/b} {Name:rest Value:c/d e}]",
		"/raw/describe/a/":            "Path:/raw/describe/a/ Method:GET PathParams:[{Name:id Value:a} {Name:rest Value:}]",
	} {
		checkRaw(t, probe(t).Get(t, path, ""), 200, plain, "{Type:api-call Service:hooks Endpoint:Describe "+want+
			" Host:"+host(t)+" Account: Tags:[a b] Exposed:true Auth:false Raw:true Payload:<nil> <nil>}")
	}
}

// What becomes of a raw endpoint is only what it wrote.
func TestRawFails(t *testing.T) {
	b := probe(t)
	checkAnswer(t, b.Get(t, "/raw/fail/errs", ""), 409, refusal("aborted", "too late", "{\n    \"scope\": \"a\"\n  }"))
	checkRaw(t, b.Get(t, "/raw/fail/panic", ""), 200, "", "")
	checkRaw(t, b.Get(t, "/raw/fail/panic-late", ""), 418, "", "")
}

// A middleware keeps a raw endpoint from being called, but its refusal is not sent.
func TestRawAndMiddleware(t *testing.T) {
	checkRaw(t, probe(t).Get(t, "/raw/refused", ""), 200, "", "")
	checkRaw(t, probe(t).Get(t, "/raw/context", "ok:alice"), 200, plain, "alice true &{[read write] 0  }")
}
