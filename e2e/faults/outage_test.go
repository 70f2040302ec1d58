package faults

import (
	"crypto/rand"
	"strings"
	"testing"

	"encore.app/e2e/backend"
)

const (
	providerDown = "the identity provider can't be reached: try again in a moment"
	databaseDown = "the database is unavailable: try again in a moment"
)

type user struct {
	ID      int64  `json:"id"`
	LogtoID string `json:"logto_id"`
}

func person() string { return "fault-" + strings.ToLower(rand.Text()) }

func TestIdentityProviderIsDownAtStart(t *testing.T) {
	idp, db := newProvider(t), newDatabaseProxy(t)
	db.open(t)
	app := start(t, config(idp.issuer()), db.address)
	token := idp.token(t, person())

	checkUnavailable(t, app.Get(t, "/api/hello", token), providerDown)
	checkUnavailable(t, app.Get(t, "/users/me", token), providerDown)
	// These don't need the keys.
	backend.Refusal(t, app.Get(t, "/api/hello", "opaque"), 401)
	backend.Refusal(t, app.Get(t, "/api/hello", ""), 401)
	if a := app.Get(t, "/api/ping", ""); a.Status != 200 {
		t.Errorf("ping: status %d", a.Status)
	}

	idp.start(t)
	waitFor(t, app, "/api/hello", token, 200)
}

func TestIdentityProviderGoesAway(t *testing.T) {
	idp, db := newProvider(t), newDatabaseProxy(t)
	idp.start(t)
	db.open(t)
	app := start(t, config(idp.issuer()), db.address)
	waitFor(t, app, "/api/hello", idp.token(t, person()), 200)

	idp.stop()
	if a := app.Get(t, "/api/hello", idp.token(t, person())); a.Status != 200 {
		t.Errorf("a token signed with a known key: status %d: %s", a.Status, a.Body)
	}
	backend.Refusal(t, app.Get(t, "/api/hello", idp.forged(t)), 401)
}

func TestDatabaseIsDownAtStart(t *testing.T) {
	idp, db := newProvider(t), newDatabaseProxy(t)
	idp.start(t)
	app := start(t, config(idp.issuer()), db.address)
	token := idp.token(t, person())

	waitFor(t, app, "/api/hello", idp.forged(t), 401) // the keys are there
	checkUnavailable(t, app.Get(t, "/api/hello", token), databaseDown)
	checkUnavailable(t, app.Get(t, "/users/me", token), databaseDown)
	backend.Refusal(t, app.Get(t, "/api/hello", "opaque"), 401)

	db.open(t)
	waitFor(t, app, "/users/me", token, 200)
}

func TestDatabaseGoesAwayAndComesBack(t *testing.T) {
	idp, db := newProvider(t), newDatabaseProxy(t)
	idp.start(t)
	db.open(t)
	app := start(t, config(idp.issuer()), db.address)
	token := idp.token(t, person())
	before := backend.JSON[user](t, waitFor(t, app, "/users/me", token, 200))

	for name, breakDatabase := range map[string]func(){"closed": db.close, "hanging": db.hang} {
		t.Run(name, func(t *testing.T) {
			breakDatabase()
			newcomer := idp.token(t, person())
			requests := []backend.Request{
				{Path: "/users/me", Token: token},
				{Path: "/users/me", Token: newcomer},
				{Path: "/api/hello", Token: newcomer}, // who was seen a moment ago may get through
			}
			for _, a := range app.All(t, requests) {
				checkUnavailable(t, a, databaseDown)
			}

			db.close()
			db.open(t)
			after := backend.JSON[user](t, waitFor(t, app, "/users/me", token, 200))
			if after != before {
				t.Errorf("the row is %+v, and was %+v", after, before)
			}
			waitFor(t, app, "/users/me", newcomer, 200)
		})
	}
}
