package faults

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"encore.app/e2e/backend"
)

const signingKey = "the signing key of a test"

func useSigningKey(t *testing.T) {
	t.Helper()
	file := filepath.Join(tree, ".secrets.local.cue")
	if err := os.WriteFile(file, fmt.Appendf(nil, "LogtoWebhookSigningKey: %q", signingKey), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Remove(file) })
}

func deliver(t *testing.T, app *backend.Backend, body string) backend.Answer {
	t.Helper()
	return app.Do(t, delivery(body))
}

// delivery returns a webhook request, signed as Logto does it.
func delivery(body string) backend.Request {
	mac := hmac.New(sha256.New, []byte(signingKey))
	mac.Write([]byte(body))
	return backend.Request{Method: "POST", Path: "/webhooks/logto", Body: body, Header: map[string]string{
		"Content-Type":            "application/json",
		"logto-signature-sha-256": hex.EncodeToString(mac.Sum(nil)),
	}}
}

func suspension(person string, suspended bool, at time.Time) string {
	return fmt.Sprintf(`{"event":"User.SuspensionStatus.Updated","data":{"id":%q,"isSuspended":%t,"updatedAt":%d}}`,
		person, suspended, at.UnixMilli())
}

// callAll calls every instance with the token until the test ends or stop is called,
// so that every instance has the person in its cache.
func (apps instances) callAll(t *testing.T, token string) (stop func()) {
	t.Helper()
	for _, app := range apps {
		waitFor(t, app, "/users/me", token, 200)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var calling sync.WaitGroup
	for _, app := range apps {
		calling.Go(func() {
			for ctx.Err() == nil {
				_, _ = app.Try(backend.Request{Path: "/users/me", Token: token})
				time.Sleep(pollInterval)
			}
		})
	}
	stop = func() {
		cancel()
		calling.Wait()
	}
	t.Cleanup(stop)
	return stop
}

// checkLockOut checks that every instance answers with the status once
// lockedOutWithin has passed since the delivery. An instance that has not recovered
// yet may answer 503.
func (apps instances) checkLockOut(t *testing.T, delivered time.Time, token string, status int) {
	t.Helper()
	for i, app := range apps {
		for {
			began := time.Now()
			a := app.Get(t, "/users/me", token)
			late := began.Sub(delivered) > lockedOutWithin
			if late && a.Status == status {
				break
			}
			if late && a.Status != 503 {
				t.Fatalf("instance %d answers with status %d, %v after the delivery, want %d: %s", i, a.Status, began.Sub(delivered), status, a.Body)
			}
			if began.Sub(delivered) > recoveryTimeout {
				t.Fatalf("instance %d still answers with status %d, want %d: %s", i, a.Status, status, a.Body)
			}
			time.Sleep(pollInterval)
		}
	}
}

func mustDeliver(t *testing.T, app *backend.Backend, body string) time.Time {
	t.Helper()
	if a := deliver(t, app, body); a.Status != 204 {
		t.Fatalf("status %d: %s", a.Status, a.Body)
	}
	return time.Now()
}

// Every instance applies a suspension and its end within a second, though the token
// stays valid. The instance that gets the delivery applies it at once.
func TestLockOutOnThreeInstances(t *testing.T) {
	useSigningKey(t)
	idp, db := newProvider(t), newDatabaseProxy(t)
	idp.start(t)
	db.open(t)
	var apps instances
	for range 3 {
		apps = append(apps, start(t, config(idp.issuer()), db.address))
	}
	who := person()
	token := idp.token(t, who)
	apps.callAll(t, token)
	begin := time.Now()
	for i, step := range []struct {
		body   string
		status int
	}{
		{suspension(who, true, begin), 403},
		{suspension(who, false, begin.Add(time.Second)), 200},
		{suspension(who, true, begin.Add(2*time.Second)), 403},
		{suspension(who, false, begin.Add(3*time.Second)), 200},
		{fmt.Sprintf(`{"event":"User.Deleted","data":{"id":%q}}`, who), 401},
	} {
		receiver := apps[i%len(apps)]
		delivered := mustDeliver(t, receiver, step.body)
		if a := receiver.Get(t, "/users/me", token); a.Status != step.status {
			t.Errorf("status %d right after the delivery, want %d: %s", a.Status, step.status, a.Body)
		}
		apps.checkLockOut(t, delivered, token, step.status)
	}

	t.Run("account deleted", func(t *testing.T) {
		token := idp.token(t, person())
		apps.callAll(t, token)()
		before := backend.JSON[user](t, apps[0].Get(t, "/users/me", token)).ID
		if a := apps[0].Do(t, backend.Request{Method: "DELETE", Path: "/users/me", Token: token}); a.Status != 200 {
			t.Fatalf("status %d: %s", a.Status, a.Body)
		}
		forgotten := time.Now()
		if after := backend.JSON[user](t, apps[0].Get(t, "/users/me", token)).ID; after == before {
			t.Errorf("the id is %d again", after)
		}
		apps.checkLockOut(t, forgotten, token, 200)
	})
}

// An instance that can't read the changes doesn't let anybody in from its cache, and
// catches up afterwards.
func TestLockOutOfAnInstanceWithoutDatabase(t *testing.T) {
	useSigningKey(t)
	idp, db, cutOff := newProvider(t), newDatabaseProxy(t), newDatabaseProxy(t)
	idp.start(t)
	db.open(t)
	cutOff.open(t)
	apps := instances{start(t, config(idp.issuer()), db.address), start(t, config(idp.issuer()), cutOff.address)}
	for name, breakDatabase := range map[string]func(){"closed": cutOff.close, "hanging": cutOff.hang} {
		t.Run(name, func(t *testing.T) {
			who, other := person(), person()
			token, otherToken := idp.token(t, who), idp.token(t, other)
			apps.callAll(t, token)
			apps.callAll(t, otherToken)
			breakDatabase()
			delivered := mustDeliver(t, apps[0], suspension(who, true, time.Now()))
			apps[:1].checkLockOut(t, delivered, token, 403)
			for _, token := range []string{token, otherToken} {
				time.Sleep(lockedOutWithin - time.Since(delivered))
				backend.Refusal(t, apps[1].Get(t, "/users/me", token), 503)
			}
			cutOff.close()
			cutOff.open(t)
			apps.checkLockOut(t, delivered, token, 403)
			apps.checkLockOut(t, delivered, otherToken, 200)
		})
	}
}

func TestLockOutAndDatabaseRestarts(t *testing.T) {
	useSigningKey(t)
	idp, db := newProvider(t), newDatabaseProxy(t)
	idp.start(t)
	db.open(t)
	apps := instances{start(t, config(idp.issuer()), db.address), start(t, config(idp.issuer()), db.address)}
	who := person()
	token := idp.token(t, who)
	apps.callAll(t, token)
	begin := time.Now()
	for i := range 6 {
		db.close()
		db.open(t)
		suspended := i%2 == 0
		body, status := suspension(who, suspended, begin.Add(time.Duration(i)*time.Second)), 200
		if suspended {
			status = 403
		}
		for a := deliver(t, apps[0], body); a.Status != 204; a = deliver(t, apps[0], body) {
			backend.Refusal(t, a, 503)
		}
		delivered := time.Now()
		db.close()
		db.open(t)
		apps.checkLockOut(t, delivered, token, status)
	}
}

// A delivery that can't be stored gets an error before Logto gives up after 10 s.
func TestWebhookWithoutDatabase(t *testing.T) {
	useSigningKey(t)
	idp, db := newProvider(t), newDatabaseProxy(t)
	idp.start(t)
	db.open(t)
	app := start(t, config(idp.issuer()), db.address)
	for name, breakDatabase := range map[string]func(){"closed": db.close, "hanging": db.hang} {
		t.Run(name, func(t *testing.T) {
			who := person()
			token := idp.token(t, who)
			waitFor(t, app, "/users/me", token, 200)
			breakDatabase()
			body := suspension(who, true, time.Now())
			began := time.Now()
			backend.Refusal(t, deliver(t, app, body), 503)
			if took := time.Since(began); took >= 10*time.Second {
				t.Errorf("the response took %s", took)
			}
			db.close()
			db.open(t)
			waitFor(t, app, "/users/me", idp.token(t, person()), 200)
			if a := deliver(t, app, body); a.Status != 204 {
				t.Fatalf("status %d: %s", a.Status, a.Body)
			}
			waitFor(t, app, "/users/me", token, 403)
		})
	}
}
