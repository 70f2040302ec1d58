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

// editor returns a token of a newcomer who may read and write todos.
func editor(t *testing.T) string {
	t.Helper()
	n := people.Register(t)
	n.Give(t, people.TodoEditor)
	return n.Token(t)
}

func list(t *testing.T, token string) string {
	t.Helper()
	a := app(t).Get(t, "/todos", token)
	if a.Status != http.StatusOK {
		t.Fatalf("status %d: %s", a.Status, a.Body)
	}
	return a.Body
}

// Nobody reads or changes what is another person's, whatever they try.
func TestTodosOfAnotherPerson(t *testing.T) {
	owner, other := editor(t), editor(t)
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
	// A key is its person's: the other can't find out by it what it made.
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

// The members of an organization share its list, and nobody else has it.
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
	backend.Refusal(t, app(t).Get(t, path, editor(t)), http.StatusNotFound)
}

// Whoever is forgotten comes back to an empty list, and their organization
// keeps what they made for it without knowing by whom.
func TestTodosOfForgottenPerson(t *testing.T) {
	n := people.Register(t)
	n.Give(t, people.TodoEditor)
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
	// The key went with everything else.
	if again := create(own); again.ID == mine.ID || again.OwnerID == mine.OwnerID {
		t.Errorf("made %+v before and %+v after", mine, again)
	}
	// The news has to reach the service.
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
