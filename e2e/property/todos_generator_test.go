package property

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"encore.app/e2e/backend"
)

var todoKinds = []kind{
	{"create", 40, (*generator).createTodo},
	{"edit", 50, (*generator).editTodo},
	{"read", 24, (*generator).readTodo},
	{"delete", 12, (*generator).deleteTodo},
	{"delete many", 6, (*generator).deleteTodos},
	{"list", 30, (*generator).listTodos},
}

func (g *generator) createTodo(c *caller) backend.Request {
	r := backend.Request{Method: "POST", Path: "/todos", Body: g.body(c, fmt.Sprintf(`"text":%s`, g.todoText(c)))}
	if g.oneIn(3) {
		r.Header = map[string]string{"Idempotency-Key": g.idempotencyKey()}
	}
	return r
}

func (g *generator) editTodo(c *caller) backend.Request {
	id := g.todoID(c)
	version := int64(1)
	if l := listOf(c); l != nil && l.todos[idIn("/todos/"+id)].Version > 0 {
		version = l.todos[idIn("/todos/"+id)].Version
	}
	if g.oneIn(4) {
		version += int64(g.IntN(3) - 1)
	}
	fields := []string{fmt.Sprintf(`"version":%d`, version)}
	if g.oneIn(2) {
		fields = append(fields, fmt.Sprintf(`"text":%s`, g.todoText(c)))
	}
	if len(fields) == 1 || g.oneIn(2) {
		fields = append(fields, `"done":`+pick(g, []string{"true", "false", "true", "false", "null", "1", `"true"`}))
	}
	return backend.Request{Method: "PATCH", Path: "/todos/" + id, Body: g.body(c, strings.Join(fields, ","))}
}

func (g *generator) readTodo(c *caller) backend.Request {
	return backend.Request{Method: "GET", Path: "/todos/" + g.todoID(c)}
}

func (g *generator) deleteTodo(c *caller) backend.Request {
	return backend.Request{Method: "DELETE", Path: "/todos/" + g.todoID(c)}
}

func (g *generator) deleteTodos(c *caller) backend.Request {
	ids := []string{g.todoID(c), g.todoID(c)}
	return backend.Request{Method: "POST", Path: "/todos/delete", Body: g.body(c, `"ids":[`+strings.Join(ids, ",")+"]")}
}

func (g *generator) listTodos(c *caller) backend.Request {
	query := url.Values{}
	if g.oneIn(3) {
		query.Set("state", pick(g, append(hostile, "open", "open", "done", "done", "all")))
	}
	if g.oneIn(2) {
		query.Set("limit", pick(g, []string{"1", "2", "3", "100", "0", "101", "-1", "x", "1e9", "99999999999999999999", ""}))
	}
	if g.oneIn(2) {
		query.Set("cursor", g.todoCursor(c))
	}
	if g.oneIn(8) {
		query.Set(pick(g, []string{"owner_id", "organization_id", "user_id", "offset", "id"}), g.todoID(c))
	}
	return backend.Request{Method: "GET", Path: "/todos?" + query.Encode()}
}

// todoID returns the ID of the caller's todo, of somebody else's, or an invalid one.
func (g *generator) todoID(c *caller) string {
	from := listOf(c)
	if from == nil || g.oneIn(4) {
		from = listOf(pick(g, g.callers))
	}
	if from != nil && len(from.todos) > 0 && !g.oneIn(8) {
		// Sorted, so that the same seed picks the same todo.
		return strconv.FormatInt(pick(g, slices.Sorted(maps.Keys(from.todos))), 10)
	}
	return pick(g, []string{
		"0", "-1", "1", "+1", "01", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1.0", "1e3", "0x1",
		"x", "null", "%00", "1%00", "%2e%2e", "%c0%af", "%F0%9F%98%80", "%D9%A1", "1%20or%201%3D1", "'", "1;2", "me", "*", strings.Repeat("9", 3000),
	})
}

// idempotencyKey often returns a key that was used before.
func (g *generator) idempotencyKey() string {
	if g.oneIn(4) {
		return pick(g, []string{" ", "two words", "\t", "é", strings.Repeat("k", 255), strings.Repeat("k", 256), `"quoted"`, "'; --", "%00"})
	}
	return "key-" + strconv.Itoa(g.IntN(10))
}

// todoCursor returns a cursor of the caller's list, of somebody else's, or garbage.
func (g *generator) todoCursor(c *caller) string {
	from := listOf(c)
	if from == nil || g.oneIn(4) {
		from = listOf(pick(g, g.callers))
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

func (g *generator) todoText(c *caller) string {
	secret := "of nobody"
	if l := listOf(c); l != nil {
		secret = l.secret
	}
	if g.oneIn(4) {
		return pick(g, []string{
			`""`, `" "`, "null", "1", "[]", "{}", "true", `"a\u0000b"`, `"a\nb"`, `"\ud800"`, "\"\xff\"", `"\u200b"`, `"\u202e` + secret + `"`,
			`"` + strings.Repeat("x", 501) + `"`, `"x` + strings.Repeat("\u0301", 10_001) + `"`, `"` + strings.Repeat("👨‍👩‍👧‍👦", 500) + `"`,
		})
	}
	return strconv.QuoteToGraphic(secret + " " + pick(g, hostile[:len(hostile)-3]) + strconv.Itoa(g.IntN(1000)))
}
