package property

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"strings"

	"encore.app/e2e/backend"
)

// generator makes random requests: what a client would send, often with something
// hostile in it.
type generator struct {
	*rand.Rand
	callers []*caller
	kind    string // of the last request
}

func pick[T any](g *generator, from []T) T { return from[g.IntN(len(from))] }

func (g *generator) oneIn(n int) bool { return g.IntN(n) == 0 }

// caller picks a caller, preferring those who can own things.
func (g *generator) caller() *caller {
	c := pick(g, g.callers)
	for g.oneIn(2) && c.owner == "" {
		c = pick(g, g.callers)
	}
	return c
}

type kind struct {
	name   string
	weight int
	make   func(*generator, *caller) backend.Request
}

func (g *generator) request(c *caller) backend.Request {
	kinds := []kind{
		{"users", 12, (*generator).users},
		{"webhook", 8, (*generator).webhook},
		{"other", 10, (*generator).other},
		{"forget", 1, (*generator).forget},
	}
	for _, e := range examples {
		kinds = append(kinds, e.kinds...)
	}
	total := 0
	for _, kind := range kinds {
		total += kind.weight
	}
	n := g.IntN(total)
	for _, kind := range kinds {
		if n -= kind.weight; n < 0 {
			g.kind = kind.name
			r := kind.make(g, c)
			r.Token = c.token
			g.hostileHeader(&r)
			return r
		}
	}
	panic("the weights don't add up")
}

func (g *generator) users(*caller) backend.Request {
	if g.oneIn(3) {
		return backend.Request{Method: "GET", Path: "/users/me"}
	}
	query := url.Values{"limit": {pick(g, []string{"1", "20", "101", "-1", "x", ""})}}
	query.Set("search", pick(g, append(hostile, "", "a", "ALICE", "person_")))
	if g.oneIn(3) {
		query.Set("cursor", g.garbage())
	}
	return backend.Request{Method: "GET", Path: "/users?" + query.Encode()}
}

// webhook returns a delivery about an unknown person, or a malformed one. Half of
// them have a valid signature.
func (g *generator) webhook(*caller) backend.Request {
	event := pick(g, []string{
		"User.Created", "User.Data.Updated", "User.SuspensionStatus.Updated", "User.Deleted", "PostRegister", "PostSignIn",
		"Organization.Membership.Updated", "", "x",
	})
	id := pick(g, []string{`"x"`, `""`, "null", "1", "{}", `"a\u0000b"`, `"\ud800"`, `"` + strings.Repeat("x", 10_000) + `"`})
	user := fmt.Sprintf(`{"id":%s,"username":%s,"name":%s,"updatedAt":%s,"isSuspended":%s}`, id, id, id,
		pick(g, []string{"1", "1e300", "-1", "null", `"x"`, "99999999999999999999"}), pick(g, []string{"true", "null", "1"}))
	body := g.body(nil, fmt.Sprintf(`"event":%q,"createdAt":"2026-01-01T00:00:00.000Z","hookId":"x","data":%s,"params":{"userId":%s}`,
		event, pick(g, []string{user, "null", "[]", `"x"`, `{"result":"success"}`}), id))

	signature := pick(g, []string{"", g.garbage(), strings.Repeat("0", 64), strings.Repeat("g", 64)})
	if g.oneIn(2) {
		mac := hmac.New(sha256.New, []byte("local-development-only-not-a-secret"))
		mac.Write([]byte(body))
		signature = hex.EncodeToString(mac.Sum(nil))
	}
	return backend.Request{
		Method: "POST", Path: "/webhooks/logto", Body: body,
		Header: map[string]string{
			"logto-signature-sha-256": signature,
			"Content-Type":            pick(g, []string{"application/json", "application/json; charset=utf-8", "text/plain", ""}),
		},
	}
}

// otherPaths are for other requests. An example adds its own.
var otherPaths = []string{
	"/api/hello", "/api/ping", "/users/1", "/users/", "/users//me", "/api/../users", "/api/%2e%2e/users", "/users;/me",
	"/USERS", "/webhooks/logto/", "/%00", "/",
}

// other returns a request for an endpoint without parameters, or with a wrong method
// or path.
func (g *generator) other(*caller) backend.Request {
	return backend.Request{
		Method: pick(g, []string{"GET", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"}),
		Path:   pick(g, otherPaths),
		Body:   pick(g, []string{"", "{}", "null"}),
	}
}

func (g *generator) forget(*caller) backend.Request {
	return backend.Request{Method: "DELETE", Path: "/users/me" + pick(g, []string{"", "?id=1", "?logto_id=x"})}
}

var hostile = []string{
	"'", `"`, "' OR '1'='1", "'; DROP TABLE users; --", "%", "_", "\\", "$1", "{{7*7}}", "${jndi:ldap://x}", "<script>alert(1)</script>",
	"../../etc/passwd", "é", "e\u0301", "İ", "ß", "😀", "\u202e", "\ufeff", strings.Repeat("x", 300),
	// These are not valid in JSON.
	"\x00", "\xff", "a\r\nSet-Cookie: x=y",
}

// body returns the fields as a JSON object, or something malformed.
func (g *generator) body(c *caller, fields string) string {
	if !g.oneIn(5) {
		return "{" + fields + "}"
	}
	return pick(g, []string{
		"", " ", "null", "[]", "[" + fields + "]", "1", `"x"`, "{", "{" + fields, "{" + fields + "}}", "<a/>", "\ufeff{" + fields + "}", "\x1f\x8b\x08",
		// Fields that a client may not set.
		`{"id":1,"owner_id":1,"organization_id":"orgacme00001","user_id":1,"done":true,"version":99,` + fields + "}",
		"{" + fields + `,"__proto__":{"x":1},"constructor":null}`,
		"{" + fields + "," + fields + "}",
		`{"VERSION":1,"TEXT":"x","Done":true}`,
		strings.Repeat(`{"a":`, 3000) + "1" + strings.Repeat("}", 3000),
		strings.Repeat("[", 20_000),
		`{"version":1e400,"text":1e400}`,
		`{"version":1.5,"text":"x"}`,
		`{"version":-9223372036854775809}`,
		"{" + strings.Repeat(`"a":1,`, 10_000) + fields + "}",
	})
}

// hostileHeader sometimes adds a header. It must not change who the caller is or
// what the request does.
func (g *generator) hostileHeader(r *backend.Request) {
	if !g.oneIn(4) {
		return
	}
	header := maps.Clone(r.Header)
	if header == nil {
		header = map[string]string{}
	}
	name := pick(g, []string{
		"X-Forwarded-For", "X-User-Id", "X-HTTP-Method-Override", "X-Original-URL", "If-Match", "Cookie",
		"Content-Type", "Content-Encoding", "Accept", "Accept-Encoding", "Origin", "X-Request-Id", "X-Correlation-Id", "traceparent", "Expect", "Range",
	})
	header[name] = pick(g, []string{"", "1", "*", "DELETE", "gzip", "null", "/users", `"1"`, "admin", strings.Repeat("x", 5000), g.garbage()})
	if name == "Expect" {
		header[name] = "100-continue"
	}
	r.Header = header
}

func (g *generator) garbage() string {
	data := make([]byte, pick(g, []int{0, 1, 17, 18, 19, 400}))
	for i := range data {
		data[i] = byte(g.IntN(256))
	}
	return pick(g, []*base64.Encoding{base64.RawURLEncoding, base64.StdEncoding}).EncodeToString(data)
}
