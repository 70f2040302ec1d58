package faults

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"encore.app/e2e/backend"
)

const signingKey = "the signing key of a test"

// useSigningKey makes it the application's.
func useSigningKey(t *testing.T) {
	t.Helper()
	file := filepath.Join(tree, ".secrets.local.cue")
	if err := os.WriteFile(file, fmt.Appendf(nil, "LogtoWebhookSigningKey: %q", signingKey), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Remove(file) })
}

// deliver sends a delivery of the webhook, as Logto signs it.
func deliver(t *testing.T, app *backend.Backend, body string) backend.Answer {
	t.Helper()
	mac := hmac.New(sha256.New, []byte(signingKey))
	mac.Write([]byte(body))
	return app.Do(t, backend.Request{Method: "POST", Path: "/webhooks/logto", Body: body, Header: map[string]string{
		"Content-Type":            "application/json",
		"logto-signature-sha-256": hex.EncodeToString(mac.Sum(nil)),
	}})
}

func suspension(person string, suspended bool, at time.Time) string {
	return fmt.Sprintf(`{"event":"User.SuspensionStatus.Updated","data":{"id":%q,"isSuspended":%t,"updatedAt":%d}}`,
		person, suspended, at.UnixMilli())
}

// Whoever is locked out at Logto is so at once on the instance that hears of it,
// and soon on the others, with a token that is still valid. The same for whoever
// is let in again.
func TestLockOutOnTwoInstances(t *testing.T) {
	useSigningKey(t)
	idp, db := newProvider(t), newDatabaseProxy(t)
	idp.start(t)
	db.open(t)
	apps := instances{start(t, config(idp.issuer()), db.address), start(t, config(idp.issuer()), db.address)}
	suspended, deleted := person(), person()
	tokens := map[string]string{suspended: idp.token(t, suspended), deleted: idp.token(t, deleted)}
	for _, app := range apps {
		for _, token := range tokens {
			waitFor(t, app, "/users/me", token, 200)
		}
	}

	tell := func(person, body string, status int) {
		t.Helper()
		if a := deliver(t, apps[0], body); a.Status != 204 {
			t.Fatalf("status %d: %s", a.Status, a.Body)
		}
		if a := apps[0].Get(t, "/users/me", tokens[person]); a.Status != status {
			t.Errorf("status %d right after the delivery, want %d: %s", a.Status, status, a.Body)
		}
	}
	const promised = 30 * time.Second
	awaitOther := func(person string, status int) {
		t.Helper()
		for deadline := time.Now().Add(promised); ; time.Sleep(pollInterval) {
			a := apps[1].Get(t, "/users/me", tokens[person])
			if a.Status == status {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("the other instance still answers with status %d, want %d", a.Status, status)
			}
		}
	}
	tell(suspended, suspension(suspended, true, time.Now()), 403)
	tell(deleted, fmt.Sprintf(`{"event":"User.Deleted","data":{"id":%q}}`, deleted), 401)
	awaitOther(suspended, 403)
	awaitOther(deleted, 401)
	tell(suspended, suspension(suspended, false, time.Now().Add(time.Second)), 200)
	awaitOther(suspended, 200)
}

// A delivery that arrives while the database restarts is not lost: Logto doesn't
// repeat it.
func TestWebhookWhileDatabaseRestarts(t *testing.T) {
	useSigningKey(t)
	idp, db := newProvider(t), newDatabaseProxy(t)
	idp.start(t)
	db.open(t)
	app := start(t, config(idp.issuer()), db.address)
	for name, goAway := range map[string]func(){"closed": db.close, "silent": db.silence} {
		t.Run(name, func(t *testing.T) {
			who := person()
			token := idp.token(t, who)
			waitFor(t, app, "/users/me", token, 200)
			goAway()
			answered := make(chan backend.Answer, 1)
			go func() { answered <- deliver(t, app, suspension(who, true, time.Now())) }()
			// Meanwhile whoever calls is not kept waiting.
			checkUnavailable(t, app.Get(t, "/users/me", idp.token(t, person())), databaseDown)
			select {
			case a := <-answered:
				t.Fatalf("status %d without a database: %s", a.Status, a.Body)
			default:
			}
			db.close()
			db.open(t)
			if a := <-answered; a.Status != 204 {
				t.Fatalf("status %d: %s", a.Status, a.Body)
			}
			waitFor(t, app, "/users/me", token, 403)
		})
	}
}

// A delivery that can't be kept is not acknowledged, whether the database refuses
// or is silent, and Logto, which waits for 10 seconds, is told so.
func TestWebhookWithoutDatabase(t *testing.T) {
	useSigningKey(t)
	idp, db := newProvider(t), newDatabaseProxy(t)
	idp.start(t)
	db.open(t)
	app := start(t, config(idp.issuer()), db.address)
	for name, goAway := range map[string]func(){"closed": db.close, "silent": db.silence} {
		t.Run(name, func(t *testing.T) {
			who := person()
			token := idp.token(t, who)
			waitFor(t, app, "/users/me", token, 200)
			goAway()
			body := suspension(who, true, time.Now())
			began := time.Now()
			backend.Refusal(t, deliver(t, app, body), 503)
			if took := time.Since(began); took >= 10*time.Second {
				t.Errorf("answered after %s", took)
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
