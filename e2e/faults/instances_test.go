package faults

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"encore.app/e2e/backend"
)

type todo struct {
	ID      int64  `json:"id"`
	Text    string `json:"text"`
	Version int64  `json:"version"`
}

// instances are those of one application.
type instances []*backend.Backend

// all sends the requests to each instance, all of them at the same time, and
// returns the answers.
func (apps instances) all(t *testing.T, requests []backend.Request) []backend.Answer {
	t.Helper()
	answers := make([]backend.Answer, len(apps)*len(requests))
	errs := make([]error, len(answers))
	var wg sync.WaitGroup
	for i, r := range requests {
		for j, app := range apps {
			n := i*len(apps) + j
			wg.Go(func() { answers[n], errs[n] = app.Try(r) })
		}
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	return answers
}

// Two instances on one database, written to at the same time: nothing is there
// twice, nothing is lost.
func TestTwoInstances(t *testing.T) {
	idp, db := newProvider(t), newDatabaseProxy(t)
	idp.start(t)
	db.open(t)
	apps := instances{start(t, config(idp.issuer()), db.address), start(t, config(idp.issuer()), db.address)}
	for _, app := range apps { // both have the keys
		waitFor(t, app, "/users/me", idp.token(t, person()), 200)
	}

	t.Run("a new person has one row", func(t *testing.T) {
		for range 10 {
			token := idp.token(t, person())
			var first user
			for i, a := range apps.all(t, slices.Repeat([]backend.Request{{Path: "/users/me", Token: token}}, 5)) {
				if got := backend.JSON[user](t, a); i == 0 {
					first = got
				} else if got != first {
					t.Errorf("the row is %+v and %+v", first, got)
				}
			}
		}
	})

	t.Run("many first calls of a person insert once", func(t *testing.T) {
		first, second := idp.token(t, person()), idp.token(t, person())
		ids := map[int64]bool{}
		for _, a := range apps.all(t, slices.Repeat([]backend.Request{{Path: "/users/me", Token: first}}, 100)) {
			ids[backend.JSON[user](t, a).ID] = true
		}
		next := backend.JSON[user](t, apps[0].Get(t, "/users/me", second)).ID
		if !ids[next-1] || len(ids) != 1 { // each attempt to insert draws an id
			t.Errorf("the ids are %v and then %d", ids, next)
		}
	})

	t.Run("an idempotency key makes one todo", func(t *testing.T) {
		token := idp.token(t, person())
		for i := range 10 {
			r := backend.Request{
				Method: "POST", Path: "/todos", Token: token, Body: `{"text":"buy milk"}`,
				Header: map[string]string{"Idempotency-Key": fmt.Sprint("key-", i)},
			}
			ids := map[int64]bool{}
			for _, a := range apps.all(t, slices.Repeat([]backend.Request{r}, 5)) {
				ids[backend.JSON[todo](t, a).ID] = true
			}
			if len(ids) != 1 {
				t.Errorf("the answers name %v", ids)
			}
		}
		for _, app := range apps {
			if got := backend.JSON[struct{ Todos []todo }](t, app.Get(t, "/todos", token)).Todos; len(got) != 10 {
				t.Errorf("the list has %d todos, want 10: %+v", len(got), got)
			}
		}
	})

	t.Run("of the edits of a version one wins", func(t *testing.T) {
		token := idp.token(t, person())
		made := backend.JSON[todo](t, apps[0].Do(t, backend.Request{Method: "POST", Path: "/todos", Token: token, Body: `{"text":"x"}`}))
		path := fmt.Sprint("/todos/", made.ID)
		for version := made.Version; version <= 10; version++ {
			var requests []backend.Request
			for i := range 5 {
				requests = append(requests, backend.Request{
					Method: "PATCH", Path: path, Token: token, Body: fmt.Sprintf(`{"version":%d,"text":"edit %d of %d"}`, version, i, version),
				})
			}
			var winners []todo
			for _, a := range apps.all(t, requests) {
				if a.Status == 200 {
					winners = append(winners, backend.JSON[todo](t, a))
				} else if e := backend.Refusal(t, a, 409); e.Code != "aborted" {
					t.Errorf("refused with %s", a.Body)
				}
			}
			for _, app := range apps {
				read := backend.JSON[todo](t, app.Get(t, path, token))
				if len(winners) != 1 || read != winners[0] || read.Version != version+1 {
					t.Fatalf("it is %+v, won have %+v", read, winners)
				}
			}
		}
	})
}
