package local

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"encore.app/e2e/backend"
	"encore.app/e2e/people"
)

type todo struct {
	ID      int64  `json:"id"`
	OwnerID int64  `json:"owner_id"`
	Text    string `json:"text"`
}

func list(t *testing.T, token string) string {
	t.Helper()
	a := app(t).Get(t, "/todos", token)
	if a.Status != http.StatusOK {
		t.Fatalf("status %d: %s", a.Status, a.Body)
	}
	return a.Body
}

func TestTodosOfAnotherPerson(t *testing.T) {
	owner, other := registered(t), registered(t)
	made := backend.JSON[todo](t, app(t).Do(t, backend.Request{
		Method: "POST", Path: "/todos", Token: owner, Body: `{"text":"a secret"}`, Header: map[string]string{"Idempotency-Key": "the-same"},
	}))
	path := fmt.Sprintf("/todos/%d", made.ID)
	before := list(t, owner)

	for _, r := range []backend.Request{
		{Path: path},
		{Path: path + "?owner_id=1"},
		{Method: "PATCH", Path: path, Body: `{"version":1,"text":"changed","owner_id":1}`},
		{Method: "PATCH", Path: path, Body: `{"version":7,"done":true}`},
		{Method: "DELETE", Path: path},
	} {
		r.Token = other
		if e := backend.Refusal(t, app(t).Do(t, r), http.StatusNotFound); e.Message != "no such todo" {
			t.Errorf("%s %s: %q", r.Method, r.Path, e.Message)
		}
	}
	if strings.Contains(list(t, other), "a secret") {
		t.Error("it is in the other's list")
	}
	// The same Idempotency-Key of another person doesn't return the owner's todo.
	a := app(t).Do(t, backend.Request{
		Method: "POST", Path: "/todos", Token: other, Body: `{"text":"another","owner_id":1,"id":1}`, Header: map[string]string{"Idempotency-Key": "the-same"},
	})
	if got := backend.JSON[todo](t, a); got.ID == made.ID || got.Text != "another" {
		t.Errorf("the other's todo is %+v", got)
	}
	if after := list(t, owner); after != before {
		t.Errorf("the list is %s, it was %s", after, before)
	}
}

func TestNewcomerMayUseTodos(t *testing.T) {
	token := registered(t)
	a := app(t).Do(t, backend.Request{Method: "POST", Path: "/todos", Token: token, Body: `{"text":"my first"}`})
	if made := backend.JSON[todo](t, a); made.Text != "my first" || !strings.Contains(list(t, token), "my first") {
		t.Errorf("made %+v, the list is %s", made, list(t, token))
	}
	e := backend.Refusal(t, app(t).Get(t, "/users", token), http.StatusForbidden)
	if !strings.Contains(string(e.Details), `"read:users"`) {
		t.Errorf("details %s, want the scope read:users", e.Details)
	}
}

func TestTodosOfOrganizationForViewer(t *testing.T) {
	admin := people.Register(t)
	admin.Join(t, people.Globex, people.OrganizationAdmin)
	token := admin.Token(t, "--organization", people.Globex)
	made := backend.JSON[todo](t, app(t).Do(t, backend.Request{Method: "POST", Path: "/todos", Token: token, Body: `{"text":"read this"}`}))
	path := fmt.Sprintf("/todos/%d", made.ID)
	t.Cleanup(func() { app(t).Do(t, backend.Request{Method: "DELETE", Path: path, Token: token}) })

	viewer := people.FromProvider(t, "alice", "--organization", people.Globex)
	if read := backend.JSON[todo](t, app(t).Get(t, path, viewer)); read != made {
		t.Errorf("the viewer reads %+v, want %+v", read, made)
	}
	before := list(t, viewer)
	for _, r := range []backend.Request{
		{Method: "POST", Path: "/todos", Body: `{"text":"from a viewer"}`},
		{Method: "PATCH", Path: path, Body: `{"version":1,"done":true}`},
		{Method: "DELETE", Path: path},
	} {
		r.Token = viewer
		e := backend.Refusal(t, app(t).Do(t, r), http.StatusForbidden)
		if !strings.Contains(string(e.Details), `"write:todos"`) {
			t.Errorf("%s %s: details %s, want the scope write:todos", r.Method, r.Path, e.Details)
		}
	}
	if after := list(t, viewer); after != before {
		t.Errorf("the list is %s, it was %s", after, before)
	}
}

func TestTodosOfOrganization(t *testing.T) {
	n := people.Register(t)
	n.Join(t, people.Acme, people.OrganizationAdmin)
	member, admin := n.Token(t, "--organization", people.Acme), people.OrganizationToken(t)

	made := backend.JSON[todo](t, app(t).Do(t, backend.Request{Method: "POST", Path: "/todos", Token: admin, Body: `{"text":"for all of us"}`}))
	path := fmt.Sprintf("/todos/%d", made.ID)
	t.Cleanup(func() { app(t).Do(t, backend.Request{Method: "DELETE", Path: path, Token: admin}) })

	changed := backend.JSON[todo](t, app(t).Do(t, backend.Request{Method: "PATCH", Path: path, Token: member, Body: `{"version":1,"text":"by a member"}`}))
	if read := backend.JSON[todo](t, app(t).Get(t, path, admin)); read != changed || read.Text != "by a member" {
		t.Errorf("the admin reads %+v, the member made it %+v", read, changed)
	}
	backend.Refusal(t, app(t).Get(t, path, registered(t)), http.StatusNotFound)
}

// The person's own todos are deleted. The organization keeps theirs without an owner.
func TestTodosOfForgottenPerson(t *testing.T) {
	n := people.Register(t)
	n.Join(t, people.Acme, people.OrganizationAdmin)
	own, acme, admin := n.Token(t), n.Token(t, "--organization", people.Acme), people.OrganizationToken(t)
	create := func(token string) todo {
		return backend.JSON[todo](t, app(t).Do(t, backend.Request{
			Method: "POST", Path: "/todos", Token: token, Body: `{"text":"a secret"}`, Header: map[string]string{"Idempotency-Key": "the-same"},
		}))
	}
	mine, shared := create(own), create(acme)
	path := fmt.Sprintf("/todos/%d", shared.ID)
	t.Cleanup(func() { app(t).Do(t, backend.Request{Method: "DELETE", Path: path, Token: admin}) })

	if a := app(t).Do(t, backend.Request{Method: "DELETE", Path: "/users/me", Token: own}); a.Status != http.StatusOK {
		t.Fatalf("status %d: %s", a.Status, a.Body)
	}
	if left := list(t, own); strings.Contains(left, "a secret") {
		t.Errorf("left is %s", left)
	}
	backend.Refusal(t, app(t).Get(t, fmt.Sprintf("/todos/%d", mine.ID), own), http.StatusNotFound)
	// The Idempotency-Key was deleted too.
	if again := create(own); again.ID == mine.ID || again.OwnerID == mine.OwnerID {
		t.Errorf("made %+v before and %+v after", mine, again)
	}
	// The todos service learns of the deletion through a topic.
	deadline := time.Now().Add(15 * time.Second)
	for {
		kept := backend.JSON[todo](t, app(t).Get(t, path, admin))
		if kept.OwnerID == 0 && kept.Text == "a secret" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the organization's todo is still %+v", kept)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
