package faults

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"encore.app/e2e/backend"
)

// needDatabase lists paths that need a database. An example adds its own.
var needDatabase = []string{"/users/me", "/users", "/users?search=a"}

func logged(t *testing.T, cue, database string, do func(*backend.Backend)) (errors []string) {
	t.Helper()
	app := &application{address: freeAddress(t), cue: cue, database: database}
	app.start(t)
	do(app.backend())
	if err := app.process.Signal(syscall.SIGTERM); err != nil {
		t.Fatalf("the application has ended: %v", err)
	}
	<-app.ended
	for line := range strings.Lines(app.output.String()) {
		if strings.Contains(line, "level=ERROR") {
			errors = append(errors, line)
		}
	}
	return errors
}

// A client that closes the connection early must not cause an error in the log.
func TestClientsHangUp(t *testing.T) {
	idp, db := newProvider(t), newDatabaseProxy(t)
	idp.start(t)
	db.open(t)
	errors := logged(t, config(idp.issuer()), db.address, func(app *backend.Backend) {
		token := idp.token(t, person())
		waitFor(t, app, "/api/ready", "", 200)
		db.slow(5 * time.Millisecond)
		address := strings.TrimPrefix(app.URL, "http://")
		var calls sync.WaitGroup
		for i := range 20 {
			calls.Go(func() {
				for range 50 {
					hangUp(t, address, needDatabase[i%len(needDatabase)], token)
				}
			})
		}
		calls.Wait()
		db.slow(0)
		waitFor(t, app, "/api/ready", "", 200)
	})
	if len(errors) > 0 {
		t.Errorf("%d lines:\n%s", len(errors), strings.Join(errors, ""))
	}
}

func hangUp(t *testing.T, address, path, token string) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close()
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n\r\n", path, address, token); err != nil {
		t.Error(err)
	}
}

// A thousand failed calls write only a few lines.
func TestLogOfAnOutage(t *testing.T) {
	idp, db := newProvider(t), newDatabaseProxy(t)
	idp.start(t)
	db.open(t)
	const calls = 1000
	var began time.Time
	errors := logged(t, config(idp.issuer()), db.address, func(app *backend.Backend) {
		token := idp.token(t, person())
		waitFor(t, app, "/api/ready", "", 200)
		db.close()
		began = time.Now()
		for range calls / 50 {
			var requests []backend.Request
			for i := range 50 {
				requests = append(requests, backend.Request{Path: needDatabase[i%len(needDatabase)], Token: token})
			}
			for _, a := range app.All(t, requests) {
				checkUnavailable(t, a, databaseDown)
			}
		}
	})
	took := time.Since(began)
	causes := 2 * len(needDatabase)
	if most := causes * (2 + int(took.Seconds())); len(errors) == 0 || len(errors) > most {
		t.Errorf("%d lines for %d calls in %v, want 1 to %d:\n%s", len(errors), calls, took, most, strings.Join(errors, ""))
	}
}
