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
	"slices"
	"strconv"
	"strings"

	"encore.app/e2e/backend"
)

// generator makes requests: mostly such as a client would send, with something
// hostile in every other one.
type generator struct {
	*rand.Rand
	callers []*caller
	// kind is what the last request is for.
	kind string
}

func pick[T any](g *generator, from []T) T { return from[g.IntN(len(from))] }

// oneIn reports true once in n times.
func (g *generator) oneIn(n int) bool { return g.IntN(n) == 0 }

// caller returns who calls: somebody with a list every other time at least.
func (g *generator) caller() *caller {
	c := pick(g, g.callers)
	for g.oneIn(2) && c.list == nil {
		c = pick(g, g.callers)
	}
	return c
}

// kind is a kind of request.
type kind struct {
	name   string
	weight int
	make   func(*caller) backend.Request
}

// extra is a kind of request that a file of its own adds, with a check of its answers.
type extra struct {
	name   string
	weight int
	make   func(*generator) backend.Request
	check  func(backend.Answer) string // the problem, or ""
}

var extras []extra

// request returns a request by the caller.
func (g *generator) request(c *caller) backend.Request {
	kinds := []kind{
		{"create", 40, g.create},
		{"edit", 50, g.edit},
		{"read", 24, g.read},
		{"delete", 12, g.remove},
		{"delete many", 6, g.removeMany},
		{"list", 30, g.list},
		{"users", 12, g.users},
		{"webhook", 8, g.webhook},
		{"plain", 10, g.plain},
		{"forget", 1, g.forget},
	}
	for _, e := range extras {
		kinds = append(kinds, kind{e.name, e.weight, func(*caller) backend.Request { return e.make(g) }})
	}
	total := 0
	for _, kind := range kinds {
		total += kind.weight
	}
	n := g.IntN(total)
	for _, kind := range kinds {
		if n -= kind.weight; n < 0 {
			g.kind = kind.name
			r := kind.make(c)
			r.Token = c.token
			g.hostileHeader(&r)
			return r
		}
	}
	panic("the weights don't add up")
}

func (g *generator) create(c *caller) backend.Request {
	r := backend.Request{Method: "POST", Path: "/todos", Body: g.body(c, fmt.Sprintf(`"text":%s`, g.text(c)))}
	if g.oneIn(3) {
		r.Header = map[string]string{"Idempotency-Key": g.key()}
	}
	return r
}

func (g *generator) edit(c *caller) backend.Request {
	id := g.id(c)
	version := int64(1)
	if c.list != nil && c.list.todos[idIn("/todos/"+id)].Version > 0 {
		version = c.list.todos[idIn("/todos/"+id)].Version
	}
	if g.oneIn(4) {
		version += int64(g.IntN(3) - 1)
	}
	fields := []string{fmt.Sprintf(`"version":%d`, version)}
	if g.oneIn(2) {
		fields = append(fields, fmt.Sprintf(`"text":%s`, g.text(c)))
	}
	if len(fields) == 1 || g.oneIn(2) {
		fields = append(fields, `"done":`+pick(g, []string{"true", "false", "true", "false", "null", "1", `"true"`}))
	}
	return backend.Request{Method: "PATCH", Path: "/todos/" + id, Body: g.body(c, strings.Join(fields, ","))}
}

func (g *generator) read(c *caller) backend.Request {
	return backend.Request{Method: "GET", Path: "/todos/" + g.id(c)}
}

func (g *generator) remove(c *caller) backend.Request {
	return backend.Request{Method: "DELETE", Path: "/todos/" + g.id(c)}
}

func (g *generator) removeMany(c *caller) backend.Request {
	ids := []string{g.id(c), g.id(c)}
	return backend.Request{Method: "POST", Path: "/todos/delete", Body: g.body(c, `"ids":[`+strings.Join(ids, ",")+"]")}
}

func (g *generator) list(c *caller) backend.Request {
	query := url.Values{}
	if g.oneIn(3) {
		query.Set("state", pick(g, append(hostile, "open", "open", "done", "done", "all")))
	}
	if g.oneIn(2) {
		query.Set("limit", pick(g, []string{"1", "2", "3", "100", "0", "101", "-1", "x", "1e9", "99999999999999999999", ""}))
	}
	if g.oneIn(2) {
		query.Set("cursor", g.cursor(c))
	}
	if g.oneIn(8) {
		query.Set(pick(g, []string{"owner_id", "organization_id", "user_id", "offset", "id"}), g.id(c))
	}
	return backend.Request{Method: "GET", Path: "/todos?" + query.Encode()}
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

// webhook is a delivery about somebody whom nobody knows, or of no shape at all,
// with the right signature every other time.
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

// plain is a request for anything else: endpoints without parameters, wrong
// methods, paths that lead nowhere.
func (g *generator) plain(*caller) backend.Request {
	return backend.Request{
		Method: pick(g, []string{"GET", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"}),
		Path: pick(g, []string{
			"/api/hello", "/api/ping", "/todos/", "/todos/1/", "/todos//1", "/todos/../users", "/users/1", "/users/", "/",
			"/TODOS", "/webhooks/logto/", "/todos/%2e%2e/users", "/%00", "/todos;/1",
		}),
		Body: pick(g, []string{"", "{}", "null"}),
	}
}

func (g *generator) forget(*caller) backend.Request {
	return backend.Request{Method: "DELETE", Path: "/users/me" + pick(g, []string{"", "?id=1", "?logto_id=x"})}
}

// id is one of the caller's own, somebody else's or none at all.
func (g *generator) id(c *caller) string {
	from := c.list
	if from == nil || g.oneIn(4) {
		from = pick(g, g.callers).list
	}
	if from != nil && len(from.todos) > 0 && !g.oneIn(8) {
		// Sorted, so that the same seed picks the same.
		return strconv.FormatInt(pick(g, slices.Sorted(maps.Keys(from.todos))), 10)
	}
	return pick(g, []string{
		"0", "-1", "1", "+1", "01", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1.0", "1e3", "0x1",
		"x", "null", "%00", "1%00", "%2e%2e", "%c0%af", "%F0%9F%98%80", "%D9%A1", "1%20or%201%3D1", "'", "1;2", "me", "*", strings.Repeat("9", 3000),
	})
}

// key is an idempotency key, often one that was used before.
func (g *generator) key() string {
	if g.oneIn(4) {
		return pick(g, []string{" ", "two words", "\t", "é", strings.Repeat("k", 255), strings.Repeat("k", 256), `"quoted"`, "'; --", "%00"})
	}
	return "key-" + strconv.Itoa(g.IntN(10))
}

// cursor is one of the caller's own list, of somebody else's or none at all.
func (g *generator) cursor(c *caller) string {
	from := c.list
	if from == nil || g.oneIn(4) {
		from = pick(g, g.callers).list
	}
	if from == nil || len(from.cursors) == 0 || g.oneIn(4) {
		return g.garbage()
	}
	cursor := []byte(pick(g, from.cursors))
	if g.oneIn(4) {
		cursor[g.IntN(len(cursor))] = pick(g, []byte("AZaz09-_=+/ "))
	}
	return string(cursor)
}

// text is the JSON of a text of the caller's.
func (g *generator) text(c *caller) string {
	secret := "of nobody"
	if c.list != nil {
		secret = c.list.secret
	}
	if g.oneIn(4) {
		return pick(g, []string{
			`""`, `" "`, "null", "1", "[]", "{}", "true", `"a\u0000b"`, `"a\nb"`, `"\ud800"`, "\"\xff\"", `"\u200b"`, `"\u202e` + secret + `"`,
			`"` + strings.Repeat("x", 501) + `"`, `"x` + strings.Repeat("\u0301", 10_001) + `"`, `"` + strings.Repeat("👨‍👩‍👧‍👦", 500) + `"`,
		})
	}
	return strconv.QuoteToGraphic(secret + " " + pick(g, hostile[:len(hostile)-3]) + strconv.Itoa(g.IntN(1000)))
}

// hostile are texts that mean something to one program or another.
var hostile = []string{
	"'", `"`, "' OR '1'='1", "'; DROP TABLE todos; --", "%", "_", "\\", "$1", "{{7*7}}", "${jndi:ldap://x}", "<script>alert(1)</script>",
	"../../etc/passwd", "é", "e\u0301", "İ", "ß", "😀", "\u202e", "\ufeff", strings.Repeat("x", 300),
	// The last three are not for JSON.
	"\x00", "\xff", "a\r\nSet-Cookie: x=y",
}

// body puts the fields into a JSON object, or sends something else.
func (g *generator) body(c *caller, fields string) string {
	if !g.oneIn(5) {
		return "{" + fields + "}"
	}
	return pick(g, []string{
		"", " ", "null", "[]", "[" + fields + "]", "1", `"x"`, "{", "{" + fields, "{" + fields + "}}", "<a/>", "\ufeff{" + fields + "}", "\x1f\x8b\x08",
		// Fields that are not the client's to set.
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

// hostileHeader adds a header that must make no difference to who is calling
// and what for, to some requests.
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

// garbage is base64 of no meaning.
func (g *generator) garbage() string {
	data := make([]byte, pick(g, []int{0, 1, 17, 18, 19, 400}))
	for i := range data {
		data[i] = byte(g.IntN(256))
	}
	return pick(g, []*base64.Encoding{base64.RawURLEncoding, base64.StdEncoding}).EncodeToString(data)
}
