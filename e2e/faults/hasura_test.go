package faults

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"encore.app/e2e/backend"
)

const hook = "/api/authn/hasura?resource=" + audience

// hookRequests returns a request for each mode of the hook, GET and POST.
func hookRequests(t *testing.T, query, token string) []backend.Request {
	t.Helper()
	body, err := json.Marshal(map[string]any{"headers": map[string]string{"Authorization": "Bearer " + token}})
	if err != nil {
		t.Fatal(err)
	}
	return []backend.Request{
		{Path: hook + query, Token: token, Header: map[string]string{"User-Agent": "hasura-graphql-engine/v2.51.0"}},
		{Method: http.MethodPost, Path: hook + query, Body: string(body)},
	}
}

// checkHookRefuses checks for 401, the only status that Hasura accepts for a
// refusal. An outage must not give a person the role of unauthorized callers.
func checkHookRefuses(t *testing.T, app *backend.Backend, token, about string) {
	t.Helper()
	for _, query := range []string{"", "&unauthorizedRole=anonymous"} {
		for _, a := range app.All(t, hookRequests(t, query, token)) {
			if e := backend.Refusal(t, a, 401); e.Code != "unauthenticated" || !strings.Contains(e.Message, about) {
				t.Errorf("got %s, want unauthenticated and a message about %q", a.Body, about)
			}
		}
	}
}

func checkHookAnswers(t *testing.T, app *backend.Backend, query, token string, want map[string]string) {
	t.Helper()
	for _, a := range app.All(t, hookRequests(t, query, token)) {
		got := backend.JSON[map[string]string](t, a)
		for name, value := range want {
			if got[name] != value {
				t.Errorf("%s: %s is %q, want %q", query, name, got[name], value)
			}
		}
	}
}

func waitForHook(t *testing.T, app *backend.Backend, token string) {
	t.Helper()
	for _, r := range hookRequests(t, "", token) {
		deadline := time.Now().Add(recoveryTimeout)
		for a := app.Do(t, r); a.Status != 200; a = app.Do(t, r) {
			if a.Status != 401 || time.Now().After(deadline) {
				t.Fatalf("the hook answers with status %d: %s", a.Status, a.Body)
			}
			time.Sleep(pollInterval)
		}
	}
}

func TestHookWhileIdentityProviderIsDown(t *testing.T) {
	idp, db := newProvider(t), newDatabaseProxy(t)
	db.open(t)
	app := start(t, config(idp.issuer()), db.address)
	token := idp.token(t, person())

	checkHookRefuses(t, app, token, "try again")
	// An opaque token can be rejected without the keys.
	anonymous := map[string]string{"X-Hasura-Role": "anonymous", "X-Hasura-User-Id": ""}
	checkHookAnswers(t, app, "&unauthorizedRole=anonymous", "opaque", anonymous)

	idp.start(t)
	waitForHook(t, app, token)
}

func TestHookWhileDatabaseIsDown(t *testing.T) {
	idp, db := newProvider(t), newDatabaseProxy(t)
	idp.start(t)
	app := start(t, config(idp.issuer()), db.address)
	token := idp.token(t, person())
	waitFor(t, app, "/api/hello", idp.forged(t), 401) // it has the keys

	checkHookRefuses(t, app, token, "try again")
	db.open(t)
	waitForHook(t, app, token)

	for name, breakDatabase := range map[string]func(){"closed": db.close, "hanging": db.hang} {
		t.Run(name, func(t *testing.T) {
			breakDatabase()
			newcomer := idp.token(t, person())
			checkHookRefuses(t, app, newcomer, "try again")
			anonymous := map[string]string{"X-Hasura-Role": "anonymous", "X-Hasura-User-Id": ""}
			checkHookAnswers(t, app, "&unauthorizedRole=anonymous", idp.forged(t), anonymous)

			db.close()
			db.open(t)
			waitForHook(t, app, newcomer)
		})
	}
}

func TestHookOfSuspendedPerson(t *testing.T) {
	useSigningKey(t)
	idp, db := newProvider(t), newDatabaseProxy(t)
	idp.start(t)
	db.open(t)
	app := start(t, config(idp.issuer()), db.address)
	id := person()
	token := idp.token(t, id)
	waitForHook(t, app, token)

	if a := deliver(t, app, suspension(id, true, time.Now())); a.Status != 204 {
		t.Fatalf("the delivery is answered with status %d: %s", a.Status, a.Body)
	}
	backend.Refusal(t, app.Get(t, "/api/hello", token), 403)
	checkHookRefuses(t, app, token, "suspended")
}

// A token for another API must not bring back the row of a person who deleted their
// account here.
func TestHookMakesNoRow(t *testing.T) {
	idp, db := newProvider(t), newDatabaseProxy(t)
	idp.start(t)
	db.open(t)
	app := start(t, config(idp.issuer()), db.address)
	id := person()
	token := idp.token(t, id)
	other := idp.tokenWith(t, id, map[string]any{"aud": "https://other.example"})
	waitForHook(t, app, token)
	known := backend.JSON[user](t, app.Get(t, "/users/me", token))
	checkHookAnswers(t, app, "&unauthorizedRole=anonymous", other, map[string]string{"X-Hasura-User-Id": fmt.Sprint(known.ID)})

	if a := app.Do(t, backend.Request{Method: "DELETE", Path: "/users/me", Token: token}); a.Status != 200 {
		t.Fatalf("status %d: %s", a.Status, a.Body)
	}
	anonymous := map[string]string{"X-Hasura-Role": "anonymous", "X-Hasura-User-Id": ""}
	checkHookAnswers(t, app, "&unauthorizedRole=anonymous", other, anonymous)
}

func TestHookWithSlowBody(t *testing.T) {
	app := start(t, config(newProvider(t).issuer()), freeAddress(t))
	a := app.Raw(t, "POST "+hook+" HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
	backend.Refusal(t, a, 401)
}
