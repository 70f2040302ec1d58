package faults

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"encore.app/e2e/backend"
)

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

// startTwo starts two instances on one database.
func startTwo(t *testing.T) (*provider, instances) {
	t.Helper()
	idp, db := newProvider(t), newDatabaseProxy(t)
	idp.start(t)
	db.open(t)
	apps := instances{start(t, config(idp.issuer()), db.address), start(t, config(idp.issuer()), db.address)}
	for _, app := range apps { // both have the keys
		waitFor(t, app, "/users/me", idp.token(t, person()), 200)
	}
	return idp, apps
}

// If people call both instances at the same time for the first time, each has one row.
func TestTwoInstances(t *testing.T) {
	idp, apps := startTwo(t)

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
}
