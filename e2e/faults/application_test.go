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
	a := &application{address: freeAddress(t), cue: cue, database: database}
	a.start(t)
	t.Cleanup(func() {
		if err := a.process.Signal(syscall.SIGTERM); err != nil {
			t.Errorf("the application is gone: %v", err)
		}
		<-a.ended
		if t.Failed() {
			t.Logf("the application's output:\n%s", a.output)
		}
	})
	return a.backend()
}

// application is an instance of the application.
type application struct {
	address, cue, database string

	process *os.Process
	ended   chan struct{}
	output  *bytes.Buffer // to be read when it has ended
}

func (a *application) backend() *backend.Backend { return &backend.Backend{URL: "http://" + a.address} }

// start starts the instance and waits until it answers.
func (a *application) start(t *testing.T) {
	t.Helper()
	cmd, output := command(context.Background(), t, a.cue, a.address, a.database)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	a.process, a.ended, a.output = cmd.Process, ended, output
	var cause error
	go func() {
		cause = cmd.Wait()
		close(ended)
	}()
	deadline := time.After(startTimeout)
	for {
		if answer, err := a.backend().Try(backend.Request{Path: "/api/ping"}); err == nil && answer.Status == 200 {
			return
		}
		select {
		case <-ended:
			t.Fatalf("the application ended: %v\n%s", cause, output)
		case <-deadline:
			t.Fatalf("the application does not start")
		case <-time.After(pollInterval):
		}
	}
}

// kill ends the instance without a chance to finish anything.
func (a *application) kill(t *testing.T) {
	t.Helper()
	if err := a.process.Kill(); err != nil {
		t.Fatalf("the application is gone: %v", err)
	}
	<-a.ended
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
