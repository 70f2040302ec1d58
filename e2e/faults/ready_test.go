package faults

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"encore.app/e2e/backend"
)

// answersWithin is how long a load balancer waits.
const answersWithin = 2 * time.Second

// withDatabase lists the services with a database. An example adds its own.
var withDatabase = []string{"users"}

// checkNotReady waits until exactly these services aren't ready.
func checkNotReady(t *testing.T, app *backend.Backend, services ...string) {
	t.Helper()
	services = slices.Sorted(slices.Values(services))
	deadline := time.Now().Add(recoveryTimeout)
	for {
		began := time.Now()
		a := app.Get(t, "/api/ready", "")
		if took := time.Since(began); took > answersWithin {
			t.Errorf("the answer took %v", took)
		}
		if a.Status == 503 {
			var got struct {
				RetryAfter int      `json:"retry_after"`
				Services   []string `json:"not_ready"`
			}
			if err := json.Unmarshal(backend.Refusal(t, a, 503).Details, &got); err != nil {
				t.Fatal(err)
			}
			if slices.Equal(got.Services, services) && got.RetryAfter == 1 {
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("status %d, want 503 without %v: %s", a.Status, services, a.Body)
		}
		time.Sleep(pollInterval)
	}
}

func TestReady(t *testing.T) {
	idp, db := newProvider(t), newDatabaseProxy(t)
	app := start(t, config(idp.issuer()), db.address)
	checkNotReady(t, app, append(withDatabase, "auth")...)
	idp.start(t)
	checkNotReady(t, app, withDatabase...)
	db.open(t)
	waitFor(t, app, "/api/ready", "", 200)

	idp.stop() // the keys are known
	for name, breakDatabase := range map[string]func(){"closed": db.close, "hanging": db.hang} {
		t.Run(name, func(t *testing.T) {
			breakDatabase()
			checkNotReady(t, app, withDatabase...)
			if a := app.Get(t, "/api/ping", ""); a.Status != 200 {
				t.Errorf("ping: status %d", a.Status)
			}
			db.close()
			db.open(t)
			waitFor(t, app, "/api/ready", "", 200)
		})
	}
}
