package wire

import (
	"fmt"
	"net/url"
	"reflect"
	"testing"

	"encore.app/e2e/backend"
)

// caller is the caller in the probe.
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

// who is the caller in the endpoint and in a goroutine that it starts.
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

func host(t *testing.T) string {
	t.Helper()
	u, err := url.Parse(probe(t).URL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}

// get sends headers that net/http would change.
func get(t *testing.T, path, headers string) backend.Answer {
	t.Helper()
	if headers != "" {
		headers += "\r\n"
	}
	return probe(t).Raw(t, "GET "+path+" HTTP/1.1\r\nHost: "+host(t)+"\r\n"+headers+"Connection: close\r\n\r\n")
}

// Without credentials the auth handler is not called.
func TestNoCredentials(t *testing.T) {
	for _, headers := range []string{"", "Authorization:", "Authorization:  ", "Token: ok:alice"} {
		checkError(t, get(t, "/auth", headers), 401, "unauthenticated", "missing auth param")
		checkCaller(t, get(t, "/public", headers), caller{})
	}
}

// The auth handler decides what credentials are valid.
func TestCredentials(t *testing.T) {
	for _, test := range []struct{ headers, authorization, other string }{
		{"X-Other: a", "", "a"},
		{"Authorization:\r\nX-Other: a", "", "a"},
		{"Authorization: Bearer ", "Bearer", ""},
		{"Authorization: bearer ok:alice", "bearer ok:alice", ""},
		{"Authorization: Bearer\tok:alice", "Bearer\tok:alice", ""},
		{"Authorization: ok:alice", "ok:alice", ""},
		{"Authorization: Basic YTpi\r\nAuthorization: Bearer ok:alice", "Basic YTpi", ""},
	} {
		t.Run(test.headers, func(t *testing.T) {
			checkError(t, get(t, "/auth", test.headers), 401, "unauthenticated",
				fmt.Sprintf("no token in %q, other %q", test.authorization, test.other))
			checkCaller(t, get(t, "/public", test.headers), caller{})
		})
	}
}

func TestSignedIn(t *testing.T) {
	for _, test := range []struct{ headers, uid string }{
		{"Authorization: Bearer ok:alice", "alice"},
		{"authorization: Bearer ok:alice ", "alice"},
		{"Authorization: Bearer ok:a b  c", "a b  c"},
		{"Authorization: Bearer ok:alice\r\nAuthorization: Bearer ok:bob", "alice"},
	} {
		for _, path := range []string{"/auth", "/public", "/private"} {
			t.Run(test.headers+path, func(t *testing.T) {
				checkCaller(t, get(t, path, test.headers), signedIn(test.uid))
			})
		}
	}
}

// The client gets the auth handler's error, but a public endpoint is called in
// spite of errs.Unauthenticated.
func TestAuthHandlerError(t *testing.T) {
	for _, test := range []struct {
		token   string
		status  int
		code    string
		message string
		details string
	}{
		{"unauthenticated", 401, "unauthenticated", "token is not acceptable", "null"},
		{"nobody", 401, "unauthenticated", "endpoint requires auth but none provided", "null"},
		{"permission_denied", 403, "permission_denied", "you may not", "{\n    \"scope\": \"all\"\n  }"},
		{"unavailable", 503, "unavailable", "try again", "null"},
		{"plain", 500, "unknown", "plain text", "null"},
		{"wrapped", 500, "unknown", "wrapped: unavailable: try again", "null"},
		{"panic", 500, "internal", "auth handler panicked: token panic", "null"},
	} {
		t.Run(test.token, func(t *testing.T) {
			want := errorBody(test.code, test.message, test.details)
			checkAnswer(t, probe(t).Get(t, "/auth", test.token), test.status, want)
			public := probe(t).Get(t, "/public", test.token)
			if test.status == 401 {
				checkCaller(t, public, caller{})
			} else {
				checkAnswer(t, public, test.status, want)
			}
		})
	}
}

func TestAuthHandlerCallsService(t *testing.T) {
	name := unique()
	for visit := 1; visit <= 2; visit++ {
		checkCaller(t, probe(t).Get(t, "/auth", "visit:"+name), caller{UID: name, SignedIn: true, Data: &data{Visits: visit}})
	}
}

func TestConcurrentCallers(t *testing.T) {
	var requests []backend.Request
	var want []caller
	for i := range 200 {
		if i%5 == 0 {
			requests, want = append(requests, backend.Request{Path: "/public"}), append(want, caller{})
			continue
		}
		uid := fmt.Sprint("person-", i)
		requests, want = append(requests, backend.Request{Path: "/auth", Token: "ok:" + uid}), append(want, signedIn(uid))
	}
	for i, a := range probe(t).All(t, requests) {
		checkCaller(t, a, want[i])
	}
}

// A service calls an endpoint that is a method of another.
func TestCallOfMethod(t *testing.T) {
	checkAnswer(t, probe(t).Get(t, "/verify/ok:alice", ""), 200, text("alice"))
	checkError(t, probe(t).Get(t, "/verify/unavailable", ""), 503, "unavailable", "try again")
}
