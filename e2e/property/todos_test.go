package property

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"encore.app/e2e/backend"
)

func init() {
	alteredScope += " read:todos write:todos"
	otherPaths = append(otherPaths, "/todos/", "/todos/1/", "/todos//1", "/todos/../users", "/TODOS", "/todos/%2e%2e/users", "/todos;/1")
	examples = append(examples, example{
		kinds: todoKinds, start: startTodos, check: checkTodos, compare: compareTodos,
		wanted: []string{
			"create 200", "read 200", "edit 200", "edit 409", "delete 200", "delete many 200", "list 200", "read 404",
		},
	})
}

type todo struct {
	ID      int64  `json:"id"`
	Text    string `json:"text"`
	Done    bool   `json:"done"`
	Version int64  `json:"version"`
}

func (t todo) String() string {
	return fmt.Sprintf("todo %d, version %d, done %t, %q", t.ID, t.Version, t.Done, t.Text)
}

type todoPage struct {
	Todos      []todo `json:"todos"`
	NextCursor string `json:"next_cursor"`
}

// list is what a todo list should contain after the responses so far.
type list struct {
	secret  string // is in each text
	todos   map[int64]todo
	cursors []string // some of those in the responses
}

var todoLists = map[string]*list{} // by owner

// listOf returns the list that the caller's token gives access to, or nil.
func listOf(c *caller) *list { return todoLists[c.owner] }

var todoCallers []*caller

func isTodoKind(name string) bool {
	return slices.ContainsFunc(todoKinds, func(k kind) bool { return k.name == name })
}

func startTodos(t *testing.T, app *backend.Backend, callers []*caller) {
	t.Helper()
	todoCallers = callers
	for _, c := range callers {
		for c.owner != "" {
			todoLists[c.owner] = &list{secret: "secretof" + c.owner, todos: map[int64]todo{}}
			page := backend.JSON[todoPage](t, app.Get(t, "/todos", c.token))
			if len(page.Todos) == 0 {
				break
			}
			for _, item := range page.Todos {
				app.Do(t, backend.Request{Method: "DELETE", Path: "/todos/" + strconv.FormatInt(item.ID, 10), Token: c.token})
			}
		}
	}
}

// checkTodos looks for other people's todos in the response, compares it with the
// caller's list, and updates that list.
func checkTodos(e exchange) (problems []string) {
	c, r, a, l := e.caller, e.request, e.answer, listOf(e.caller)
	for owner, other := range todoLists {
		if owner != c.owner && strings.Contains(a.Body, other.secret) {
			problems = append(problems, "the response has a todo of "+owner)
		}
	}
	succeeded := a.Status == 200
	if e.kind == "forget" && succeeded {
		forgetTodos(c)
	}
	if !isTodoKind(e.kind) {
		return problems
	}
	if l == nil {
		if succeeded {
			problems = append(problems, "the caller has no list")
		}
		return problems
	}

	known, isKnown := l.todos[idIn(r.Path)]
	switch {
	case e.kind == "edit" && a.Status == 409:
		return append(problems, compareTodo(decode[struct{ Details struct{ Current todo } }](a).Details.Current, known)...)
	case !succeeded:
		return problems
	case e.kind == "list":
		page := decode[todoPage](a)
		for _, item := range page.Todos {
			problems = append(problems, compareTodo(item, l.todos[item.ID])...)
		}
		if page.NextCursor != "" {
			l.cursors = append(l.cursors[:min(len(l.cursors), 5)], page.NextCursor)
		}
		return problems
	case e.kind == "create":
		return append(problems, l.created(decode[todo](a))...)
	case e.kind == "delete many":
		var params struct{ IDs []int64 }
		if err := json.NewDecoder(strings.NewReader(r.Body)).Decode(&params); err != nil {
			return append(problems, "the request is not JSON: "+err.Error())
		}
		for _, id := range params.IDs {
			delete(l.todos, id)
		}
		return problems
	case !isKnown:
		return append(problems, "the todo is not in the caller's list")
	case e.kind == "delete":
		delete(l.todos, known.ID)
		return problems
	case e.kind == "read":
		return append(problems, compareTodo(decode[todo](a), known)...)
	}
	edited := decode[todo](a)
	l.todos[known.ID] = edited
	if edited.ID != known.ID || edited.Version != known.Version+1 {
		problems = append(problems, "want the next version of "+known.String())
	}
	return problems
}

// created adds a todo, unless it was the answer to a repeated Idempotency-Key.
func (l *list) created(got todo) []string {
	if known, ok := l.todos[got.ID]; ok {
		return compareTodo(got, known)
	}
	for owner, other := range todoLists {
		if other.todos[got.ID] != (todo{}) {
			return []string{"it is a todo of " + owner}
		}
	}
	l.todos[got.ID] = got
	return nil
}

// forgetTodos empties the caller's own list. Their organization keeps what they
// created there.
func forgetTodos(c *caller) {
	for _, same := range todoCallers {
		if l := listOf(same); l != nil && same.person == c.person && same.owner != "acme" {
			clear(l.todos)
			l.cursors = nil
		}
	}
}

func compareTodos(t *testing.T, app *backend.Backend) (problems []string) {
	t.Helper()
	for _, c := range todoCallers {
		l := listOf(c)
		if l == nil {
			continue
		}
		got := map[int64]todo{}
		for cursor := ""; ; {
			page := backend.JSON[todoPage](t, app.Get(t, "/todos?limit=100&cursor="+cursor, c.token))
			for _, item := range page.Todos {
				got[item.ID] = item
			}
			if cursor = page.NextCursor; cursor == "" {
				break
			}
		}
		for id, want := range l.todos {
			if item, ok := got[id]; !ok || item != want {
				problems = append(problems, "the list of "+c.name+" has "+item.String()+", want "+want.String())
			}
		}
		if len(got) != len(l.todos) {
			problems = append(problems, fmt.Sprintf("the list of %s has %d todos, want %d", c.name, len(got), len(l.todos)))
		}
	}
	return problems
}

// decode returns the zero value for invalid JSON.
func decode[T any](a backend.Answer) (v T) {
	_ = json.Unmarshal([]byte(a.Body), &v) // checkAnswer reports invalid JSON
	return v
}

func compareTodo(got, want todo) []string {
	if got == want {
		return nil
	}
	return []string{"got " + got.String() + ", want " + want.String()}
}

func idIn(path string) int64 {
	id, err := strconv.ParseInt(strings.TrimPrefix(path, "/todos/"), 10, 64)
	if err != nil {
		return 0
	}
	return id
}
