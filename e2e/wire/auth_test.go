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
	Word    string
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

// Without any of its parameters the auth handler is not called.
func TestNoCredentials(t *testing.T) {
	for name, test := range map[string]struct{ header, query string }{
		"none":        {"", ""},
		"empty":       {"Authorization:", ""},
		"blanks":      {"Authorization:  ", ""},
		"empty query": {"", "?auth_word="},
		"other query": {"", "?Auth_Word=a&token=ok:alice&authorization=Bearer+ok:alice"},
	} {
		t.Run(name, func(t *testing.T) {
			checkRefusal(t, get(t, "/auth"+test.query, test.header), 401, "unauthenticated", "missing auth param")
			checkCaller(t, get(t, "/public"+test.query, test.header), caller{})
		})
	}
}

// What the parameters hold is for the auth handler to judge.
func TestCredentials(t *testing.T) {
	for _, test := range []struct{ header, query, authorization, word string }{
		{"", "?auth_word=a", "", "a"},
		{"Authorization:", "?auth_word=a", "", "a"},
		{"Authorization: Bearer", "", "Bearer", ""},
		{"Authorization: Bearer ", "", "Bearer", ""},
		{"Authorization: bearer ok:alice", "", "bearer ok:alice", ""},
		{"Authorization: Bearer\tok:alice", "", "Bearer\tok:alice", ""},
		{"Authorization: ok:alice", "?auth_word=%20a%2Bb+c&auth_word=d", "ok:alice", " a+b c"},
		{"Authorization: Token ok:alice", "?auth_word=a;b&auth_word=%zz", "Token ok:alice", ""},
		{"Authorization: Basic YTpi\r\nAuthorization: Bearer ok:alice", "", "Basic YTpi", ""},
	} {
		t.Run(test.header+test.query, func(t *testing.T) {
			checkRefusal(t, get(t, "/auth"+test.query, test.header), 401, "unauthenticated",
				fmt.Sprintf("no token in %q, word %q", test.authorization, test.word))
			checkCaller(t, get(t, "/public"+test.query, test.header), caller{})
		})
	}
}

func TestCredentialsOfTwoParts(t *testing.T) {
	want := signedIn("alice")
	want.Data.Word = "a"
	checkCaller(t, probe(t).Get(t, "/auth?auth_word=a", "ok:alice"), want)
}

func TestAuthHandler(t *testing.T) {
	for name, test := range map[string]struct{ header, uid string }{
		"bearer":              {"Authorization: Bearer ok:alice", "alice"},
		"lower-case name":     {"authorization: Bearer ok:alice", "alice"},
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
