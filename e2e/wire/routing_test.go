package wire

import (
	"fmt"
	"testing"

	"encore.app/e2e/backend"
)

// checkNotFound checks the answer for an unknown endpoint. It has no ids.
func checkNotFound(t *testing.T, r backend.Request) {
	t.Helper()
	a := probe(t).Do(t, r)
	if want := errorBody("not_found", "endpoint not found", "null"); a.Status != 404 || a.Body != want {
		t.Errorf("%s %s: %d %q, want 404 %q", r.Method, r.Path, a.Status, a.Body, want)
	}
	checkHeaders(t, a, "application/json", "nosniff")
	if a.Header.Get("X-Encore-Trace-Id") != "" || a.Header.Get("X-Request-Id") != "" {
		t.Errorf("%s %s: the answer has ids", r.Method, r.Path)
	}
}

// The auth handler, which would panic, is not called.
func TestNotFound(t *testing.T) {
	for _, path := range []string{"/nope", "/", "/Public", "//public", "/x/../public", "/public/x", "/number/", "/__encore/nope"} {
		checkNotFound(t, backend.Request{Method: "GET", Path: path, Token: "panic"})
	}
	for method, path := range map[string]string{"POST": "/auth", "PUT": "/public", "OPTIONS": "/public", "GET": "/body", "FOO": "/public"} {
		checkNotFound(t, backend.Request{Method: method, Path: path, Token: "panic"})
	}
	if a := probe(t).Do(t, backend.Request{Method: "HEAD", Path: "/public"}); a.Status != 404 {
		t.Errorf("HEAD: status %d, want 404", a.Status)
	}
}

func TestEndpointWithoutPath(t *testing.T) {
	for _, method := range []string{"GET", "POST"} {
		checkAnswer(t, probe(t).Do(t, backend.Request{Method: method, Path: "/wire.DefaultPath"}), 200, text("<b>&é"))
	}
}

// Private endpoints can be called locally. In the cloud they can't.
func TestPrivateEndpoint(t *testing.T) {
	checkCaller(t, probe(t).Get(t, "/private", ""), caller{})
}

func TestHealth(t *testing.T) {
	a := probe(t).Get(t, "/__encore/healthz", "")
	checkHeaders(t, a, "application/json", "nosniff")
	if health := backend.JSON[struct{ Code string }](t, a); health.Code != "ok" {
		t.Errorf("not healthy: %s", a.Body)
	}
}

func TestConfig(t *testing.T) {
	checkAnswer(t, probe(t).Get(t, "/config", ""), 200, text(`development, it is local, 30, ["a" "b"], true, secrets "not-a-secret", ""`))
}

// What encore.CurrentRequest returns in an endpoint. The auth handler can delete headers.
func TestCurrentRequest(t *testing.T) {
	for token, account := range map[string]string{"ok:alice": "12", "hide:alice": ""} {
		a := probe(t).Do(t, backend.Request{
			Path: "/request/1/of/a%2Fb%20c?limit=5", Token: token, Header: map[string]string{"X-Account": "12"},
		})
		checkAnswer(t, a, 200, text(fmt.Sprintf("api-call of wire.Request, GET /request/1/of/a/b c, params [{id 1} {name a/b c}], "+
			"host %s, account %q, tags [a-1 b], exposed true, auth true, raw false", host(t), account)))
	}
}

func TestCurrentRequestOfRaw(t *testing.T) {
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} {
		a := probe(t).Do(t, backend.Request{Method: method, Path: "/raw/request/a%2Fb/c/d%20e"})
		checkRaw(t, a, 200, "text/plain; charset=utf-8", "api-call of wire.RequestRaw, "+method+" /raw/request/a/b/c/d e, "+
			"params [{id a/b} {rest c/d e}], host "+host(t)+`, account "", tags [], exposed true, auth false, raw true`)
	}
}

// The auth handler doesn't know the endpoint.
func TestCurrentRequestOfAuthHandler(t *testing.T) {
	for _, path := range []string{"/auth", "/public"} {
		a := probe(t).Do(t, backend.Request{Path: path, Token: "describe:alice", Header: map[string]string{"X-Account": "12"}})
		const want = `api-call of caller.AuthHandler, path "", method "", account "12", by ""`
		if got := backend.JSON[who](t, a).Endpoint; got.Data == nil || got.Data.Request != want {
			t.Errorf("got %+v, want %s", got.Data, want)
		}
	}
}
