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
	startTimeout    = 3 * time.Minute // the first start builds the application
	recoveryTimeout = 15 * time.Second
	pollInterval    = 50 * time.Millisecond
)

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

// start starts the application and waits until it answers. The end of the test
// stops it.
func start(t *testing.T, cue, database string) *backend.Backend {
	t.Helper()
	a := &application{address: freeAddress(t), cue: cue, database: database}
	a.start(t)
	t.Cleanup(func() {
		if err := a.process.Signal(syscall.SIGTERM); err != nil {
			t.Errorf("the application has ended: %v", err)
		}
		<-a.ended
		if t.Failed() {
			t.Logf("the application's output:\n%s", a.output)
		}
	})
	return a.backend()
}

type application struct {
	address, cue, database string

	process *os.Process
	ended   chan struct{}
	output  *bytes.Buffer // read it only after the end
}

func (a *application) backend() *backend.Backend { return &backend.Backend{URL: "http://" + a.address} }

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

func (a *application) kill(t *testing.T) {
	t.Helper()
	if err := a.process.Kill(); err != nil {
		t.Fatalf("the application has ended: %v", err)
	}
	<-a.ended
}

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

func checkUnavailable(t *testing.T, a backend.Answer, message string) {
	t.Helper()
	if e := backend.Refusal(t, a, 503); e.Code != "unavailable" || e.Message != message {
		t.Errorf("got %s, want unavailable: %s", a.Body, message)
	}
}
