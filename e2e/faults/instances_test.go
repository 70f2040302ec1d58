package faults

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"encore.app/e2e/backend"
)

type instances []*backend.Backend

// all sends every request to every instance, all at the same time.
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

func startTwo(t *testing.T) (*provider, instances) {
	t.Helper()
	idp, db := newProvider(t), newDatabaseProxy(t)
	idp.start(t)
	db.open(t)
	apps := instances{start(t, config(idp.issuer()), db.address), start(t, config(idp.issuer()), db.address)}
	for _, app := range apps { // until both have the keys
		waitFor(t, app, "/users/me", idp.token(t, person()), 200)
	}
	return idp, apps
}

func TestFirstCallsOnTwoInstances(t *testing.T) {
	idp, apps := startTwo(t)

	t.Run("one row for each person", func(t *testing.T) {
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

	t.Run("one INSERT for many first calls", func(t *testing.T) {
		first, second := idp.token(t, person()), idp.token(t, person())
		ids := map[int64]bool{}
		for _, a := range apps.all(t, slices.Repeat([]backend.Request{{Path: "/users/me", Token: first}}, 100)) {
			ids[backend.JSON[user](t, a).ID] = true
		}
		next := backend.JSON[user](t, apps[0].Get(t, "/users/me", second)).ID
		if !ids[next-1] || len(ids) != 1 { // every INSERT uses up an id
			t.Errorf("the ids are %v and then %d", ids, next)
		}
	})
}
