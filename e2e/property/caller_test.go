package property

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"encore.app/e2e/backend"
	"encore.app/e2e/people"
)

// todo is what a todo's owners see of it and may compare.
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

// caller is somebody who calls.
type caller struct {
	name, token string
	// person is the subject of the token if it is a person's: a secret as well,
	// except to who may list everybody.
	person string
	// list is the one that the token is for, or nil if the caller may see none.
	list *list
	// mayListUsers says that the caller has read:users.
	mayListUsers bool
}

// list is a todo list as it must be, by what its owners were answered.
type list struct {
	// secret is in each of its texts.
	secret string
	// shared says that it is an organization's.
	shared bool
	todos  map[int64]todo
	// cursors are some of those that were given out.
	cursors []string
}

func newList(secret string) *list { return &list{secret: secret, todos: map[int64]todo{}} }

// newCallers returns two newcomers with lists of their own, one of whom shares
// an organization's with alice; the demo people; a machine; somebody with an ID
// token, somebody with a token that they altered, and somebody without any.
func newCallers(t *testing.T) []*caller {
	t.Helper()
	first, second := people.Register(t), people.Register(t)
	second.Join(t, people.Acme, people.OrganizationAdmin)
	acme := newList("secretofacme")
	acme.shared = true
	bob := people.Token(t, "bob")

	callers := []*caller{
		{name: "first", token: first.Token(t), list: newList("secretoffirst")},
		{name: "second", token: second.Token(t), list: newList("secretofsecond")},
		{name: "second in acme", token: second.Token(t, "--organization", people.Acme), list: acme},
		{name: "alice", token: people.Token(t, "alice"), list: newList("secretofalice")},
		{name: "alice in acme", token: people.OrganizationToken(t), list: acme},
		{name: "bob", token: bob},
		{name: "carol", token: people.Token(t, "carol"), mayListUsers: true},
	}
	for _, c := range callers {
		c.person = people.Subject(t, c.token)
	}
	return append(callers,
		&caller{name: "machine", token: people.MachineToken(t)},
		&caller{name: "ID token", token: people.FromProvider(t, "alice", "--id-token")},
		&caller{name: "altered token", token: people.Alter(t, bob, nil, map[string]any{
			"sub": "alice0000001", "scope": "read:todos write:todos read:users", "organization_id": people.Acme,
		})},
		&caller{name: "nobody"},
	)
}

// mayRead reports whether the caller may get to read what is other's.
func (c *caller) mayRead(other *caller) (list, person bool) {
	return c.list == other.list, c.person == other.person || c.mayListUsers
}

// emptyLists deletes what earlier runs left.
func emptyLists(t *testing.T, app *backend.Backend, callers []*caller) {
	t.Helper()
	for _, c := range callers {
		for c.list != nil {
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

// observe checks the answer to a request by what the caller's list must be, and
// notes what it changed there.
func (c *caller) observe(kind string, r backend.Request, a backend.Answer, callers []*caller) (problems []string) {
	succeeded := a.Status == 200
	switch kind {
	case "forget":
		if succeeded {
			c.forgotten(callers)
		}
		return nil
	case "create", "list", "read", "edit", "delete", "delete many":
		if succeeded && c.list == nil {
			return []string{"the caller has no list"}
		}
	default:
		return nil
	}
	if c.list == nil {
		return nil
	}

	known, isKnown := c.list.todos[idIn(r.Path)]
	switch {
	case kind == "edit" && a.Status == 409:
		return compare(decode[struct{ Details struct{ Current todo } }](a).Details.Current, known)
	case !succeeded:
		return nil
	case kind == "list":
		page := decode[todoPage](a)
		for _, item := range page.Todos {
			problems = append(problems, compare(item, c.list.todos[item.ID])...)
		}
		if page.NextCursor != "" {
			c.list.cursors = append(c.list.cursors[:min(len(c.list.cursors), 5)], page.NextCursor)
		}
		return problems
	case kind == "create":
		return c.created(decode[todo](a), callers)
	case kind == "delete many":
		var params struct{ IDs []int64 }
		if err := json.NewDecoder(strings.NewReader(r.Body)).Decode(&params); err != nil {
			return []string{"it is no JSON: " + err.Error()}
		}
		for _, id := range params.IDs {
			delete(c.list.todos, id)
		}
		return nil
	case !isKnown:
		return []string{"it is none of the caller's"}
	case kind == "delete":
		delete(c.list.todos, known.ID)
		return nil
	case kind == "read":
		return compare(decode[todo](a), known)
	}
	edited := decode[todo](a)
	c.list.todos[known.ID] = edited
	if edited.ID != known.ID || edited.Version != known.Version+1 {
		problems = append(problems, "want the next version of "+known.String())
	}
	return problems
}

// created notes a new todo. A repeated Idempotency-Key is answered with what is there.
func (c *caller) created(got todo, callers []*caller) []string {
	if known, ok := c.list.todos[got.ID]; ok {
		return compare(got, known)
	}
	for _, other := range callers {
		if other.list != nil && other.list.todos[got.ID] != (todo{}) {
			return []string{"it is one of " + other.name}
		}
	}
	c.list.todos[got.ID] = got
	return nil
}

// forgotten notes that the caller was forgotten. Their own list is a new one
// then; that of their organization keeps what they made there.
func (c *caller) forgotten(callers []*caller) {
	for _, same := range callers {
		if same.person == c.person && same.list != nil && !same.list.shared {
			clear(same.list.todos)
			same.list.cursors = nil
		}
	}
}

// decode returns what is in the answer. What isn't JSON comes out empty.
func decode[T any](a backend.Answer) (v T) {
	_ = json.Unmarshal([]byte(a.Body), &v) // checkAnswer says so if it fails
	return v
}

func compare(got, want todo) []string {
	if got == want {
		return nil
	}
	return []string{"got " + got.String() + ", want " + want.String()}
}

// idIn returns the id in the path of a todo, or 0.
func idIn(path string) int64 {
	id, err := strconv.ParseInt(strings.TrimPrefix(path, "/todos/"), 10, 64)
	if err != nil {
		return 0
	}
	return id
}
