// Package people gets the access tokens of the demo people.
package people

import (
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

// Token returns an access token of the person: the one in TOKEN_ALICE, for
// alice, if that is set, else one from the local identity provider.
func Token(t testing.TB, person string) string {
	t.Helper()
	mu.Lock()
	defer mu.Unlock()
	if tokens[person] == "" {
		if tokens[person] = os.Getenv("TOKEN_" + strings.ToUpper(person)); tokens[person] == "" {
			tokens[person] = FromProvider(t, person)
		}
	}
	return tokens[person]
}

// FromProvider returns a token that the local identity provider issues. The
// arguments are those of dev/logto/src/token.js.
func FromProvider(t testing.TB, args ...string) string {
	t.Helper()
	_, file, _, _ := runtime.Caller(0)
	script := filepath.Join(filepath.Dir(file), "../../dev/logto/src/token.js")
	output, err := exec.Command("node", append([]string{script}, args...)...).Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			output = exit.Stderr
		}
		t.Fatalf("no token for %v: %v: %s", args, err, output)
	}
	return strings.TrimSpace(string(output))
}
