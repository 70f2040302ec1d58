// Package people gets access tokens of the demo people and of new people.
package people

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

var (
	mu     sync.Mutex
	tokens = map[string]string{}
)

// Token returns the person's access token: for alice TOKEN_ALICE if that is set,
// otherwise one from the local identity provider.
func Token(t testing.TB, person string) string {
	t.Helper()
	return token(t, "TOKEN_"+strings.ToUpper(person), person)
}

// OrganizationToken returns alice's access token for an organization:
// TOKEN_ORGANIZATION if that is set, otherwise one for acme.
func OrganizationToken(t testing.TB) string {
	t.Helper()
	return token(t, "TOKEN_ORGANIZATION", "alice", "--organization", Acme)
}

// MachineToken returns a machine's access token: TOKEN_MACHINE if that is set.
func MachineToken(t testing.TB) string {
	t.Helper()
	return token(t, "TOKEN_MACHINE", "--machine")
}

func token(t testing.TB, variable string, args ...string) string {
	t.Helper()
	mu.Lock()
	defer mu.Unlock()
	if tokens[variable] == "" {
		if tokens[variable] = os.Getenv(variable); tokens[variable] == "" {
			tokens[variable] = FromProvider(t, args...)
		}
	}
	return tokens[variable]
}

// tokenCommand is dev/logto/src/token.js, started once: that takes longer than
// to get a token.
var tokenCommand = sync.OnceValues(func() (*command, error) {
	_, file, _, _ := runtime.Caller(0)
	script := filepath.Join(filepath.Dir(file), "../../dev/logto/src/token.js")
	cmd := exec.Command("node", script, "--lines") // it ends with the test, which closes its input
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &command{in: json.NewEncoder(in), out: json.NewDecoder(out)}, cmd.Start()
})

type command struct {
	sync.Mutex
	in  *json.Encoder
	out *json.Decoder
}

// FromProvider returns a new token from the local identity provider. The arguments
// are those of dev/logto/src/token.js.
func FromProvider(t testing.TB, args ...string) string {
	t.Helper()
	c, err := tokenCommand()
	if err != nil {
		t.Fatal(err)
	}
	c.Lock()
	defer c.Unlock()
	var answer struct{ Token, Error string }
	if err := errors.Join(c.in.Encode(args), c.out.Decode(&answer)); err != nil || answer.Error != "" {
		t.Fatalf("no token for %v: %v %s", args, err, answer.Error)
	}
	return answer.Token
}
