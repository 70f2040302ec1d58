package faults

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"encore.app/e2e/backend"
)

// logged returns what the application logs while do is done.
func logged(t *testing.T, cue, database string, do func(*backend.Backend)) []string {
	t.Helper()
	app := &backend.Backend{URL: "http://" + freeAddress(t)}
	cmd, output := command(context.Background(), t, cue, strings.TrimPrefix(app.URL, "http://"), database)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(startTimeout)
	for {
		if a, err := app.Try(backend.Request{Path: "/api/ping"}); err == nil && a.Status == 200 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the application does not start")
		}
		time.Sleep(pollInterval)
	}
	do(app)
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	_ = cmd.Wait() // how it ends is of no interest
	return strings.Split(strings.TrimSpace(output.String()), "\n")
}

// errorLines returns the lines that report an error.
func errorLines(lines []string) (all []string) {
	for _, line := range lines {
		if strings.Contains(line, "level=ERROR") {
			all = append(all, line)
		}
	}
	return all
}

// TestClientsHangUp: a client that doesn't wait for the answer is no error.
func TestClientsHangUp(t *testing.T) {
	idp, db := newProvider(t), newDatabaseProxy(t)
	idp.start(t)
	db.open(t)
	lines := logged(t, config(idp.issuer()), db.address, func(app *backend.Backend) {
		token := idp.token(t, person())
		waitFor(t, app, "/todos", token, 200)
		db.slow(5 * time.Millisecond)
		address := strings.TrimPrefix(app.URL, "http://")
		var calls sync.WaitGroup
		for i := range 20 {
			calls.Go(func() {
				for range 50 {
					hangUp(t, address, []string{"/todos", "/todos/1", "/users/me"}[i%3], token)
				}
			})
		}
		calls.Wait()
		db.slow(0)
		waitFor(t, app, "/todos", token, 200)
	})
	if found := errorLines(lines); len(found) > 0 {
		t.Errorf("%d lines:\n%s", len(found), strings.Join(found, "\n"))
	}
}

// hangUp sends a request and hangs up before there can be an answer.
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

// TestLogOfAnOutage: a thousand calls that fail are a handful of lines.
func TestLogOfAnOutage(t *testing.T) {
	idp, db := newProvider(t), newDatabaseProxy(t)
	idp.start(t)
	db.open(t)
	const calls = 1000
	var took time.Duration
	lines := logged(t, config(idp.issuer()), db.address, func(app *backend.Backend) {
		token := idp.token(t, person())
		waitFor(t, app, "/todos", token, 200)
		db.close()
		began := time.Now()
		for range calls / 50 {
			var requests []backend.Request
			for i := range 50 {
				requests = append(requests, backend.Request{Path: []string{"/todos", "/todos/1", "/users/me"}[i%3], Token: token})
			}
			for _, a := range app.All(t, requests) {
				checkUnavailable(t, a, databaseDown)
			}
		}
		took = time.Since(began)
	})
	found := errorLines(lines)
	const causes = 6
	if most := causes * (2 + int(took.Seconds())); len(found) == 0 || len(found) > most {
		t.Errorf("%d lines for %d calls in %v, want 1 to %d:\n%s", len(found), calls, took, most, strings.Join(found, "\n"))
	}
}
