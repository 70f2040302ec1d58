package http_test

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"encore.app/e2e/backend"
	"encore.app/e2e/people"
)

type todo struct {
	ID             int64     `json:"id"`
	OwnerID        *int64    `json:"owner_id"`
	OrganizationID *string   `json:"organization_id"`
	Text           string    `json:"text"`
	Done           bool      `json:"done"`
	Version        int64     `json:"version"`
	CreatedAt      time.Time `json:"created_at"`
	UpdatedAt      time.Time `json:"updated_at"`
}

func (t todo) path() string { return "/todos/" + strconv.FormatInt(t.ID, 10) }

func (t todo) edit(text string) string { return t.editVersion(t.Version, text) }

func (t todo) editVersion(version int64, text string) string {
	return fmt.Sprintf(`{"version":%d,"text":%q}`, version, text)
}

type todoPage struct {
	Todos      []todo `json:"todos"`
	NextCursor string `json:"next_cursor"`
	OpenCount  *int   `json:"open_count"`
	DoneCount  *int   `json:"done_count"`
}

func deleteRequest(token string, ids ...int64) backend.Request {
	body, err := json.Marshal(map[string][]int64{"ids": ids})
	if err != nil {
		panic(err)
	}
	return backend.Request{Method: "POST", Path: "/todos/delete", Token: token, Body: string(body)}
}

// createRequest returns a request for a new todo. key, the Idempotency-Key, may be
// empty.
func createRequest(token, text, key string) backend.Request {
	body, err := json.Marshal(map[string]string{"text": text})
	if err != nil {
		panic(err)
	}
	r := backend.Request{Method: "POST", Path: "/todos", Token: token, Body: string(body)}
	if key != "" {
		r.Header = map[string]string{"Idempotency-Key": key}
	}
	return r
}

// create creates a todo, and deletes it at the end of the test.
func create(t *testing.T, token, text, key string) todo {
	t.Helper()
	a := app(t).Do(t, createRequest(token, text, key))
	checkNoInternals(t, a)
	made := backend.JSON[todo](t, a)
	t.Cleanup(func() { app(t).Do(t, backend.Request{Method: "DELETE", Path: made.path(), Token: token}) })
	return made
}

func listAll(t *testing.T, token string, limit int) (ids []int64) {
	t.Helper()
	query := url.Values{"limit": {strconv.Itoa(limit)}}
	for {
		a := app(t).Get(t, "/todos?"+query.Encode(), token)
		checkNoInternals(t, a)
		page := backend.JSON[todoPage](t, a)
		if len(page.Todos) > limit {
			t.Fatalf("%d todos on a page, the limit is %d", len(page.Todos), limit)
		}
		for _, listed := range page.Todos {
			ids = append(ids, listed.ID)
		}
		if page.NextCursor == "" {
			return ids
		}
		query.Set("cursor", page.NextCursor)
	}
}

// todoRequests returns one request of each kind for a todo.
func todoRequests(id, token string) map[string]backend.Request {
	return map[string]backend.Request{
		"read":     {Path: "/todos/" + id, Token: token},
		"edit":     {Method: "PATCH", Path: "/todos/" + id, Token: token, Body: `{"version":1,"text":"changed"}`},
		"tick off": {Method: "PATCH", Path: "/todos/" + id, Token: token, Body: `{"version":1,"done":true}`},
		"delete":   {Method: "DELETE", Path: "/todos/" + id, Token: token},
	}
}

func TestTodo(t *testing.T) {
	for name, token := range map[string]string{
		"a person's": people.Token(t, "alice"), "an organization's": people.OrganizationToken(t),
	} {
		t.Run(name, func(t *testing.T) {
			made := create(t, token, " buy milk\n", "")
			ofOrganization, _ := people.Claims(t, token)["organization_id"].(string)
			if made.ID <= 0 || made.OwnerID == nil || *made.OwnerID != me(t, "alice").ID || made.Text != "buy milk" ||
				made.Done || made.Version != 1 || made.CreatedAt.IsZero() || !made.UpdatedAt.Equal(made.CreatedAt) {
				t.Errorf("made %+v", made)
			}
			if (ofOrganization == "") != (made.OrganizationID == nil) || made.OrganizationID != nil && *made.OrganizationID != ofOrganization {
				t.Errorf("the organization is %v, want %q", made.OrganizationID, ofOrganization)
			}
			if ids := listAll(t, token, 100); !slices.Contains(ids, made.ID) {
				t.Errorf("%d isn't among %v", made.ID, ids)
			}

			edited := backend.JSON[todo](t, app(t).Do(t, backend.Request{
				Method: "PATCH", Path: made.path(), Token: token, Body: made.edit("buy bread"),
			}))
			if edited.Text != "buy bread" || edited.Done || edited.Version != 2 || edited.UpdatedAt.Before(made.UpdatedAt) {
				t.Errorf("edited %+v", edited)
			}
			ticked := backend.JSON[todo](t, app(t).Do(t, backend.Request{
				Method: "PATCH", Path: made.path(), Token: token, Body: `{"version":2,"done":true}`,
			}))
			if ticked.Text != "buy bread" || !ticked.Done || ticked.Version != 3 {
				t.Errorf("ticked off %+v", ticked)
			}
			read := backend.JSON[todo](t, app(t).Get(t, made.path(), token))
			if read.Text != "buy bread" || !read.Done || read.Version != 3 {
				t.Errorf("read %+v", read)
			}

			a := app(t).Do(t, backend.Request{Method: "DELETE", Path: made.path(), Token: token})
			if a.Status != http.StatusOK || a.Body != "" {
				t.Errorf("deleted: status %d: %s", a.Status, a.Body)
			}
			for name, r := range todoRequests(strconv.FormatInt(made.ID, 10), token) {
				checkNoSuchTodo(t, name, r)
			}
			if ids := listAll(t, token, 100); slices.Contains(ids, made.ID) {
				t.Errorf("%d is still among %v", made.ID, ids)
			}
		})
	}
}

// Unset fields are null, not left out.
func TestTodoHasEveryField(t *testing.T) {
	token := people.Token(t, "alice")
	fields := backend.JSON[map[string]any](t, app(t).Get(t, create(t, token, "x", "").path(), token))
	for _, name := range []string{"id", "owner_id", "organization_id", "text", "done", "version", "created_at", "updated_at"} {
		if _, ok := fields[name]; !ok {
			t.Errorf("there is no %s", name)
		}
	}
}

func checkNoSuchTodo(t *testing.T, name string, r backend.Request) {
	t.Helper()
	a := app(t).Do(t, r)
	checkNoInternals(t, a)
	if e := backend.Refusal(t, a, http.StatusNotFound); e.Code != "not_found" || e.Message != "no such todo" || string(e.Details) != "null" {
		t.Errorf("%s: %s", name, a.Body)
	}
}

// A todo in another list of the same person answers 404.
func TestTodoOfAnotherList(t *testing.T) {
	own, organizations := people.Token(t, "alice"), people.OrganizationToken(t)
	for name, test := range map[string]struct{ makes, tries string }{
		"own todo, as the organization": {own, organizations},
		"organization's todo, by name":  {organizations, own},
	} {
		t.Run(name, func(t *testing.T) {
			made := create(t, test.makes, "of one list", "")
			for name, r := range todoRequests(strconv.FormatInt(made.ID, 10), test.tries) {
				checkNoSuchTodo(t, name, r)
			}
			if ids := listAll(t, test.tries, 100); slices.Contains(ids, made.ID) {
				t.Errorf("%d is among %v", made.ID, ids)
			}
			if read := backend.JSON[todo](t, app(t).Get(t, made.path(), test.makes)); read.Text != made.Text || read.Version != 1 {
				t.Errorf("it is %+v now", read)
			}
		})
	}
}

func TestUnknownTodo(t *testing.T) {
	for _, id := range []string{"0", "-1", "+7", "9223372036854775807", "-9223372036854775808"} {
		for name, r := range todoRequests(id, people.Token(t, "alice")) {
			checkNoSuchTodo(t, name+" "+id, r)
		}
	}
	for _, id := range []string{"x", "1.0", "1e3", "0x1", "9223372036854775808", "1%00", "%C0%80", "1%20OR%201=1", strings.Repeat("9", 4000)} {
		for name, r := range todoRequests(id, people.Token(t, "alice")) {
			a := app(t).Do(t, r)
			if e := backend.Refusal(t, a, http.StatusBadRequest); e.Code != "invalid_argument" {
				t.Errorf("%s %.20s: %s", name, id, a.Body)
			}
		}
	}
}

func todosRequests(token string) map[string]backend.Request {
	requests := todoRequests("1", token)
	requests["list"] = backend.Request{Path: "/todos", Token: token}
	requests["create"] = createRequest(token, "buy milk", "")
	requests["delete many"] = deleteRequest(token, 1)
	return requests
}

func TestTodosNeedToken(t *testing.T) {
	for _, token := range []string{"", "abc"} {
		for _, r := range todosRequests(token) {
			checkRefused(t, app(t).Do(t, r))
		}
	}
}

func TestTodosNeedScope(t *testing.T) {
	for name, r := range todosRequests(people.Token(t, "bob")) {
		scope := "write:todos"
		if r.Method == "" {
			scope = "read:todos"
		}
		a := app(t).Do(t, r)
		checkNoInternals(t, a)
		e := backend.Refusal(t, a, http.StatusForbidden)
		var details struct{ Scope string }
		if err := json.Unmarshal(e.Details, &details); err != nil || details.Scope != scope ||
			e.Code != "permission_denied" || e.Message != "you need the permission "+scope {
			t.Errorf("%s: %s", name, a.Body)
		}
	}
}

func TestTodosNeedPerson(t *testing.T) {
	for name, r := range todosRequests(people.MachineToken(t)) {
		a := app(t).Do(t, r)
		checkNoInternals(t, a)
		e := backend.Refusal(t, a, http.StatusForbidden)
		if e.Code != "permission_denied" || e.Message != "only people can do this, not applications" || string(e.Details) != "null" {
			t.Errorf("%s: %s", name, a.Body)
		}
	}
}

func TestTodoText(t *testing.T) {
	token := people.Token(t, "alice")
	const family = "👨‍👩‍👧‍👦" // one character
	for name, text := range map[string]string{
		"letter":         "x",
		"markup":         `<script>alert("x")</script> & '; DROP TABLE todos; --`,
		"500 letters":    strings.Repeat("ä", 500),
		"500 families":   strings.Repeat(family, 500),
		"right to left":  "לקנות חלב",
		"JSON in a text": `{"version":1}`,
	} {
		t.Run(name, func(t *testing.T) {
			if made := create(t, token, text, ""); made.Text != text {
				t.Errorf("text %q, want %q", made.Text, text)
			}
		})
	}
	quote := func(text string) string { return `{"text":"` + text + `"}` }
	for name, test := range map[string]struct{ body, message string }{
		"no body":              {"", ""},
		"null":                 {"null", "the text is empty"},
		"not an object":        {"[]", "the text is empty"},
		"no text":              {"{}", "the text is empty"},
		"empty":                {quote(""), "the text is empty"},
		"blanks":               {quote(` \t\u00a0\u200b`), "the text is empty"},
		"NUL":                  {quote(`a\u0000b`), "the text has a line break or another control character"},
		"line break":           {quote(`a\nb`), "the text has a line break or another control character"},
		"invalid UTF-8":        {quote("a\xffb"), "the text is not valid UTF-8"},
		"501 letters":          {quote(strings.Repeat("ä", 501)), "the text has more than 500 characters"},
		"one endless letter":   {quote("x" + strings.Repeat("\u0301", 20_000)), "the text has more than 20000 bytes"},
		"a megabyte":           {quote(strings.Repeat("x", 1<<20)), "the text has more than 20000 bytes"},
		"a number":             {`{"text":1}`, ""},
		"an object":            {`{"text":{"a":"b"}}`, ""},
		"broken in the middle": {`{"text":"x`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			made := create(t, token, "as it was", "")
			for _, r := range []backend.Request{
				{Method: "POST", Path: "/todos", Body: test.body},
				{Method: "PATCH", Path: made.path(), Body: strings.Replace(test.body, `{"text"`, `{"version":1,"text"`, 1)},
			} {
				r.Token = token
				a := app(t).Do(t, r)
				checkNoInternals(t, a)
				e := backend.Refusal(t, a, http.StatusBadRequest)
				if e.Code != "invalid_argument" || r.Method == "POST" && test.message != "" && e.Message != test.message {
					t.Errorf("%s: %.300s, want %q", r.Method, a.Body, test.message)
				}
			}
			if read := backend.JSON[todo](t, app(t).Get(t, made.path(), token)); read.Version != 1 || read.Text != "as it was" {
				t.Errorf("it is %+v now", read)
			}
		})
	}
}

func TestTodoPages(t *testing.T) {
	for name, token := range map[string]string{
		"a person's": people.Token(t, "alice"), "an organization's": people.OrganizationToken(t),
	} {
		t.Run(name, func(t *testing.T) {
			var want []int64
			for range 7 {
				want = append([]int64{create(t, token, "x", "").ID}, want...)
			}
			for _, limit := range []int{1, 2, 3, 7, 100} {
				ids := listAll(t, token, limit)
				if !slices.IsSortedFunc(ids, func(a, b int64) int { return int(b - a) }) || len(slices.Compact(ids)) != len(ids) {
					t.Errorf("%d a page: %v isn't newest first, each once", limit, ids)
				}
				got := slices.DeleteFunc(ids, func(id int64) bool { return !slices.Contains(want, id) })
				if !slices.Equal(got, want) {
					t.Errorf("%d a page: %v, want %v", limit, got, want)
				}
			}
		})
	}
}

func TestTodoStates(t *testing.T) {
	for name, token := range map[string]string{
		"a person's": people.Token(t, "alice"), "an organization's": people.OrganizationToken(t),
	} {
		t.Run(name, func(t *testing.T) {
			list := func(query string) todoPage {
				a := app(t).Get(t, "/todos?limit=100"+query, token)
				checkNoInternals(t, a)
				return backend.JSON[todoPage](t, a)
			}
			before := list("")
			open, done := create(t, token, "open", ""), create(t, token, "done", "")
			app(t).Do(t, backend.Request{Method: "PATCH", Path: done.path(), Token: token, Body: `{"version":1,"done":true}`})
			has := func(page todoPage, id int64) bool {
				return slices.ContainsFunc(page.Todos, func(t todo) bool { return t.ID == id })
			}
			if all := list(""); !has(all, open.ID) || !has(all, done.ID) {
				t.Errorf("all are %+v", all)
			}
			if page := list("&state=open"); !has(page, open.ID) || has(page, done.ID) {
				t.Errorf("open are %+v", page)
			}
			page := list("&state=done")
			if has(page, open.ID) || !has(page, done.ID) {
				t.Errorf("done are %+v", page)
			}
			if *page.OpenCount != *before.OpenCount+1 || *page.DoneCount != *before.DoneCount+1 {
				t.Errorf("%d open and %d done, want one more than %d and %d", *page.OpenCount, *page.DoneCount, *before.OpenCount, *before.DoneCount)
			}
			first := backend.JSON[todoPage](t, app(t).Get(t, "/todos?limit=1", token))
			if second := list("&cursor=" + first.NextCursor); second.OpenCount != nil || second.DoneCount != nil {
				t.Errorf("a later page says %+v", second)
			}
		})
	}
	a := app(t).Get(t, "/todos?state=half", people.Token(t, "alice"))
	if e := backend.Refusal(t, a, http.StatusBadRequest); e.Code != "invalid_argument" {
		t.Errorf("an unknown state: %s", a.Body)
	}
}

func TestDeleteTodos(t *testing.T) {
	own, organizations := people.Token(t, "alice"), people.OrganizationToken(t)
	foreign := create(t, organizations, "the organization's", "")
	kept, one, other := create(t, own, "kept", ""), create(t, own, "one", ""), create(t, own, "other", "")
	for range 2 {
		a := app(t).Do(t, deleteRequest(own, one.ID, foreign.ID, other.ID, 0, -1))
		if a.Status != http.StatusOK || a.Body != "" {
			t.Errorf("status %d: %s", a.Status, a.Body)
		}
	}
	ids := listAll(t, own, 100)
	if !slices.Contains(ids, kept.ID) || slices.Contains(ids, one.ID) || slices.Contains(ids, other.ID) {
		t.Errorf("left are %v", ids)
	}
	if !slices.Contains(listAll(t, organizations, 100), foreign.ID) {
		t.Error("one of another list was deleted")
	}

	for name, body := range map[string]string{
		"no body": "", "null": "null", "no ids": "{}", "no id": `{"ids":[]}`, "a text": `{"ids":["1"]}`, "one id": `{"ids":1}`,
		"too many": deleteRequest(own, make([]int64, 1001)...).Body,
	} {
		a := app(t).Do(t, backend.Request{Method: "POST", Path: "/todos/delete", Token: own, Body: body})
		checkNoInternals(t, a)
		if e := backend.Refusal(t, a, http.StatusBadRequest); e.Code != "invalid_argument" {
			t.Errorf("%s: %s", name, a.Body)
		}
	}
}

func TestTodoListInput(t *testing.T) {
	own, organizations := people.Token(t, "alice"), people.OrganizationToken(t)
	for range 2 {
		create(t, own, "x", "")
		create(t, organizations, "x", "")
	}
	cursor := func(token string) string {
		return backend.JSON[todoPage](t, app(t).Get(t, "/todos?limit=1", token)).NextCursor
	}
	for name, query := range map[string]string{
		"nothing":       "",
		"empty values":  "?limit=&cursor=",
		"0 for default": "?limit=0",
		"1":             "?limit=1",
		"100":           "?limit=100",
		"own cursor":    "?cursor=" + cursor(own),
		"unknown names": "?owner_id=1&organization_id=x&offset=7",
	} {
		t.Run(name, func(t *testing.T) {
			backend.JSON[todoPage](t, app(t).Get(t, "/todos"+query, own))
		})
	}
	for name, test := range map[string]struct{ query, message string }{
		"limit below 1":             {"?limit=-1", "the limit must be from 1 to 100"},
		"limit above 100":           {"?limit=101", "the limit must be from 1 to 100"},
		"limit not a number":        {"?limit=x", ""},
		"limit a fraction":          {"?limit=1.5", ""},
		"limit too large to be one": {"?limit=99999999999999999999", ""},
		"cursor an id":              {"?cursor=7", "the cursor is not valid for this list"},
		"cursor of another list":    {"?cursor=" + cursor(organizations), "the cursor is not valid for this list"},
		"cursor changed":            {"?cursor=" + flip(cursor(own)), "the cursor is not valid for this list"},
		"cursor padded":             {"?cursor=" + cursor(own) + "=", "the cursor is not valid for this list"},
		"cursor with NUL":           {"?cursor=%00", "the cursor is not valid for this list"},
		"cursor endless":            {"?cursor=" + strings.Repeat("A", 8000), "the cursor is not valid for this list"},
	} {
		t.Run(name, func(t *testing.T) {
			a := app(t).Get(t, "/todos"+test.query, own)
			e := backend.Refusal(t, a, http.StatusBadRequest)
			if e.Code != "invalid_argument" || test.message != "" && e.Message != test.message {
				t.Errorf("%s, want %q", a.Body, test.message)
			}
		})
	}
}

func TestTodoConflict(t *testing.T) {
	token := people.Token(t, "alice")
	made := create(t, token, "buy milk", "")
	backend.JSON[todo](t, app(t).Do(t, backend.Request{
		Method: "PATCH", Path: made.path(), Token: token, Body: made.edit("buy bread"),
	}))
	a := app(t).Do(t, backend.Request{Method: "PATCH", Path: made.path(), Token: token, Body: made.edit("buy butter")})
	checkNoInternals(t, a)
	e := backend.Refusal(t, a, http.StatusConflict)
	var details struct{ Current todo }
	if err := json.Unmarshal(e.Details, &details); err != nil || e.Code != "aborted" || e.Message == "" ||
		details.Current.ID != made.ID || details.Current.Text != "buy bread" || details.Current.Version != 2 {
		t.Errorf("got %s", a.Body)
	}

	for name, body := range map[string]string{
		"no version":        `{"text":"x"}`,
		"version 0":         `{"version":0,"text":"x"}`,
		"version negative":  `{"version":-2,"text":"x"}`,
		"version a text":    `{"version":"2","text":"x"}`,
		"version too large": `{"version":9223372036854775808,"text":"x"}`,
		"nothing to change": `{"version":2}`,
		"nulls":             `{"version":2,"text":null,"done":null}`,
		"done a text":       `{"version":2,"done":"true"}`,
		"not an object":     `[]`,
	} {
		t.Run(name, func(t *testing.T) {
			a := app(t).Do(t, backend.Request{Method: "PATCH", Path: made.path(), Token: token, Body: body})
			if e := backend.Refusal(t, a, http.StatusBadRequest); e.Code != "invalid_argument" {
				t.Errorf("got %s", a.Body)
			}
		})
	}
	if read := backend.JSON[todo](t, app(t).Get(t, made.path(), token)); read.Text != "buy bread" || read.Version != 2 {
		t.Errorf("it is %+v now", read)
	}
}

func TestTodoEditsInParallel(t *testing.T) {
	token := people.Token(t, "alice")
	made := create(t, token, "x", "")
	var requests []backend.Request
	for i := range 20 {
		requests = append(requests, backend.Request{
			Method: "PATCH", Path: made.path(), Token: token, Body: made.edit(fmt.Sprint("edit ", i)),
		})
	}
	var winners []todo
	for _, a := range app(t).All(t, requests) {
		if a.Status == http.StatusOK {
			winners = append(winners, backend.JSON[todo](t, a))
			continue
		}
		backend.Refusal(t, a, http.StatusConflict)
	}
	if len(winners) != 1 {
		t.Fatalf("%d edits won", len(winners))
	}
	if read := backend.JSON[todo](t, app(t).Get(t, made.path(), token)); read.Text != winners[0].Text || read.Version != 2 {
		t.Errorf("it is %+v now, %q won", read, winners[0].Text)
	}
}

func TestTodoIdempotencyKey(t *testing.T) {
	token := people.Token(t, "alice")

	t.Run("repeated", func(t *testing.T) {
		key := rand.Text()
		made := create(t, token, "buy milk", key)
		if again := create(t, token, "buy milk", key); again.ID != made.ID {
			t.Errorf("made %d and then %d", made.ID, again.ID)
		}
		backend.JSON[todo](t, app(t).Do(t, backend.Request{
			Method: "PATCH", Path: made.path(), Token: token, Body: made.edit("buy bread"),
		}))
		if again := create(t, token, "buy milk", key); again.ID != made.ID || again.Text != "buy bread" || again.Version != 2 {
			t.Errorf("got %+v, want it as it is now", again)
		}
		checkKeyUsed(t, createRequest(token, "buy bread", key), "the Idempotency-Key was used for another text: use a new key")
	})

	t.Run("of another list", func(t *testing.T) {
		key := rand.Text()
		if own, organizations := create(t, token, "x", key), create(t, people.OrganizationToken(t), "x", key); own.ID == organizations.ID {
			t.Errorf("one todo for both lists: %+v", own)
		}
	})

	t.Run("after the todo was deleted", func(t *testing.T) {
		key := rand.Text()
		made := create(t, token, "buy milk", key)
		app(t).Do(t, backend.Request{Method: "DELETE", Path: made.path(), Token: token})
		checkKeyUsed(t, createRequest(token, "buy milk", key), "the todo created with this Idempotency-Key was deleted: use a new key to create another")
	})

	t.Run("at the same time", func(t *testing.T) {
		key := rand.Text()
		ids := map[int64]bool{}
		for _, a := range app(t).All(t, slices.Repeat([]backend.Request{createRequest(token, "buy milk", key)}, 20)) {
			ids[backend.JSON[todo](t, a).ID] = true
		}
		made := create(t, token, "buy milk", key) // also to delete it at the end
		if len(ids) != 1 || !ids[made.ID] {
			t.Errorf("made %v", ids)
		}
	})

	t.Run("malformed", func(t *testing.T) {
		for _, key := range []string{"two words", "tab\tbed", "schlüssel", strings.Repeat("x", 256)} {
			a := app(t).Do(t, createRequest(token, "buy milk", key))
			checkNoInternals(t, a)
			if e := backend.Refusal(t, a, http.StatusBadRequest); e.Code != "invalid_argument" ||
				e.Message != "the Idempotency-Key must have 1 to 255 visible ASCII characters" {
				t.Errorf("%q: %s", key, a.Body)
			}
		}
		create(t, token, "buy milk", strings.Repeat("x", 223)+strings.ToLower(rand.Text())[:26])
	})
}

func checkKeyUsed(t *testing.T, r backend.Request, message string) {
	t.Helper()
	a := app(t).Do(t, r)
	checkNoInternals(t, a)
	if e := backend.Refusal(t, a, http.StatusConflict); e.Code != "already_exists" || e.Message != message {
		t.Errorf("%s, want %q", a.Body, message)
	}
}

func flip(cursor string) string {
	if cursor[0] == 'A' {
		return "B" + cursor[1:]
	}
	return "A" + cursor[1:]
}
