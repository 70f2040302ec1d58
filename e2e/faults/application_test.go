package faults

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"encore.app/e2e/backend"
)

const (
	// startTimeout is how long the first start may take, which builds the application.
	startTimeout = 3 * time.Minute
	// recoveryTimeout is how long the application may take to recover by itself.
	recoveryTimeout = 15 * time.Second
	pollInterval    = 50 * time.Millisecond
)

// command returns the command that runs the application with the configuration
// and the database.
func command(ctx context.Context, t *testing.T, cue, address, database string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	if err := os.WriteFile(configFile(), []byte(cue), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, standIn, "run", "-listen", address)
	cmd.Dir = tree
	cmd.Env = append(os.Environ(), "ENCORE_SQLDB_HOST="+database)
	output := new(bytes.Buffer)
	cmd.Stdout, cmd.Stderr = output, output
	return cmd, output
}

// start starts the application and waits until it answers. It is stopped at
// the end of the test.
func start(t *testing.T, cue, database string) *backend.Backend {
	t.Helper()
	address := freeAddress(t)
	cmd, output := command(context.Background(), t, cue, address, database)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Errorf("the application is gone: %v", err)
		}
		<-ended
		if t.Failed() {
			t.Logf("the application's output:\n%s", output)
		}
	})

	b := &backend.Backend{URL: "http://" + address}
	deadline := time.After(startTimeout)
	for {
		if a, err := b.Try(backend.Request{Path: "/api/ping"}); err == nil && a.Status == 200 {
			return b
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("the application ended: %v\n%s", err, output)
		case <-deadline:
			t.Fatalf("the application does not start")
		case <-time.After(pollInterval):
		}
	}
}

// waitFor calls until the answer has the status.
func waitFor(t *testing.T, b *backend.Backend, path, token string, status int) backend.Answer {
	t.Helper()
	deadline := time.Now().Add(recoveryTimeout)
	for {
		a := b.Get(t, path, token)
		if a.Status == status {
			return a
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s still answers with status %d, want %d: %s", path, a.Status, status, a.Body)
		}
		time.Sleep(pollInterval)
	}
}

// checkUnavailable checks an answer that tells the client to try again.
func checkUnavailable(t *testing.T, a backend.Answer, message string) {
	t.Helper()
	if e := backend.Refusal(t, a, 503); e.Code != "unavailable" || e.Message != message {
		t.Errorf("got %s, want unavailable: %s", a.Body, message)
	}
}
