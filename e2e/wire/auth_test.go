package wire

import (
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"testing"

	"encore.app/e2e/backend"
)

// caller is who makes a request, as the probe sees it.
type caller struct {
	UID      string `json:"uid"`
	SignedIn bool   `json:"signed_in"`
	Data     *data  `json:"data"`
}

type data struct {
	Scopes  []string
	Visits  int
	Request string
}

// who is the caller as the endpoint and a goroutine that it starts see it.
type who struct{ Endpoint, Goroutine caller }

func checkCaller(t *testing.T, a backend.Answer, want caller) {
	t.Helper()
	if got := backend.JSON[who](t, a); !reflect.DeepEqual(got, who{want, want}) {
		t.Errorf("the caller is %s, want %+v in both", a.Body, want)
	}
}

func signedIn(uid string) caller {
	return caller{UID: uid, SignedIn: true, Data: &data{Scopes: []string{"read", "write"}}}
}

// malformed are Authorization headers without a token. The auth handler would
// panic if it got to see one.
var malformed = map[string]string{
	"none":          "",
	"empty":         "Authorization:",
	"no token":      "Authorization: Bearer",
	"empty token":   "Authorization: Bearer ",
	"lower case":    "Authorization: bearer panic",
	"upper case":    "Authorization: BEARER panic",
	"tab":           "Authorization: Bearer\tpanic",
	"no scheme":     "Authorization: panic",
	"other scheme":  "Authorization: Basic cGFuaWM6",
	"second header": "Authorization: Basic cGFuaWM6\r\nAuthorization: Bearer panic",
}

func get(t *testing.T, path, header string) backend.Answer {
	t.Helper()
	b := probe(t)
	u, err := url.Parse(b.URL)
	if err != nil {
		t.Fatal(err)
	}
	if header != "" {
		header += "\r\n"
	}
	return b.Raw(t, "GET "+path+" HTTP/1.1\r\nHost: "+u.Host+"\r\n"+header+"Connection: close\r\n\r\n")
}

func TestMalformedAuthorization(t *testing.T) {
	for name, header := range malformed {
		t.Run("auth endpoint: "+name, func(t *testing.T) {
			checkRefusal(t, get(t, "/auth", header), 401, "unauthenticated", "invalid auth param")
		})
		t.Run("public endpoint: "+name, func(t *testing.T) {
			checkCaller(t, get(t, "/public", header), caller{})
		})
	}
}

func TestTokenInQueryIsIgnored(t *testing.T) {
	checkRefusal(t, probe(t).Get(t, "/auth?token=ok:alice", ""), 401, "unauthenticated", "invalid auth param")
}

func TestAuthHandler(t *testing.T) {
	for name, test := range map[string]struct{ header, uid string }{
		"bearer":              {"Authorization: Bearer ok:alice", "alice"},
		"lower-case name":     {"authorization: Bearer ok:alice", "alice"},
		"scheme Token":        {"Authorization: Token ok:alice", "alice"},
		"space after it":      {"Authorization: Bearer ok:alice ", "alice"},
		"spaces within it":    {"Authorization: Bearer ok:a b  c", "a b  c"},
		"first of two tokens": {"Authorization: Bearer ok:alice\r\nAuthorization: Bearer ok:bob", "alice"},
	} {
		for _, path := range []string{"/auth", "/public", "/private"} {
			t.Run(name+" "+path, func(t *testing.T) {
				checkCaller(t, get(t, path, test.header), signedIn(test.uid))
			})
		}
	}
}

// What the auth handler refuses with is what the client gets. Of an endpoint
// that needs no caller only errs.Unauthenticated is hidden: the call goes on
// without one.
func TestAuthHandlerError(t *testing.T) {
	for _, test := range []struct {
		token, code, message string
		status               int
	}{
		{"unauthenticated", "unauthenticated", "token is not acceptable", 401},
		{"nobody", "unauthenticated", "endpoint requires auth but none provided", 401},
		{"permission_denied", "permission_denied", "you are locked out", 403},
		{"unavailable", "unavailable", "try again", 503},
		{"plain", "unknown", "plain text", 500},
		{"wrapped", "unknown", "wrapped: unavailable: try again", 500},
		{"panic", "internal", "auth handler panicked: token panic", 500},
	} {
		t.Run(test.token, func(t *testing.T) {
			checkRefusal(t, probe(t).Get(t, "/auth", test.token), test.status, test.code, test.message)
			public := probe(t).Get(t, "/public", test.token)
			if test.code == "unauthenticated" {
				checkCaller(t, public, caller{})
			} else {
				checkRefusal(t, public, test.status, test.code, test.message)
			}
		})
	}
}

func TestAuthHandlerErrorDetails(t *testing.T) {
	want := refusal("permission_denied", "you may not", "{\n    \"scope\": \"all\"\n  }")
	checkAnswer(t, probe(t).Get(t, "/auth", "details"), 403, want)
	checkAnswer(t, probe(t).Get(t, "/public", "details"), 403, want)
}

func TestAuthHandlerCallsService(t *testing.T) {
	b := probe(t)
	const path = "/visits/carol"
	checkAnswer(t, b.Do(t, backend.Request{Method: "DELETE", Path: path}), 200, "")
	checkRefusal(t, b.Get(t, path, ""), 404, "not_found", "never here")
	for visit := 1; visit <= 2; visit++ {
		checkCaller(t, b.Get(t, "/auth", "visit:carol"), caller{UID: "carol", SignedIn: true, Data: &data{Visits: visit}})
	}
	checkAnswer(t, b.Get(t, path, ""), 200, "{\n  \"count\": 2\n}\n")
}

func TestConcurrentCallersAreKeptApart(t *testing.T) {
	var requests []backend.Request
	var want []caller
	for i := range 200 {
		if i%5 == 0 {
			requests, want = append(requests, backend.Request{Path: "/public"}), append(want, caller{})
			continue
		}
		uid := fmt.Sprint("person-", i)
		requests = append(requests, backend.Request{Path: "/auth", Token: "ok:" + uid})
		want = append(want, signedIn(uid))
	}
	for i, a := range probe(t).All(t, requests) {
		checkCaller(t, a, want[i])
	}
}

func TestGoroutineKeepsCallerAfterAnswer(t *testing.T) {
	b := probe(t)
	checkAnswer(t, b.Do(t, backend.Request{Method: "POST", Path: "/late", Token: "ok:alice"}), 200, "")
	if got := backend.JSON[caller](t, b.Get(t, "/late", "ok:bob")); !reflect.DeepEqual(got, signedIn("alice")) {
		t.Errorf("the goroutine's caller is %+v, want alice", got)
	}
}

func TestAuthHandlerIsNotCalledForUnknownPath(t *testing.T) {
	checkNotFound(t, probe(t).Get(t, "/nope", "panic"))
	checkNotFound(t, probe(t).Do(t, backend.Request{Method: http.MethodPost, Path: "/auth", Token: "panic"}))
}
