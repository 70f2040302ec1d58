package faults

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func configFile() string { return filepath.Join(tree, "auth/config.cue") }

func config(issuer string) string {
	return set(set(ownConfig, "Issuer", `"`+issuer+`"`), "JwksUri", `"`+issuer+`/jwks"`)
}

func set(cue, field, value string) string {
	return lineOf(field).ReplaceAllLiteralString(cue, field+": "+value)
}

func remove(cue, field string) string {
	return lineOf(field).ReplaceAllLiteralString(cue, "")
}

func lineOf(field string) *regexp.Regexp {
	return regexp.MustCompile(`(?m)^\s*` + field + `:.*$`)
}

// The application doesn't start, and its output names the field and the mistake.
func TestWrongConfiguration(t *testing.T) {
	for name, test := range map[string]struct {
		cue  string
		want []string
	}{
		"unparsable":            {ownConfig + "Extra: {", []string{"auth/config.cue:", "expected '}'"}},
		"Issuer not a URL":      {set(ownConfig, "Issuer", `"localhost:3001/oidc"`), []string{"Issuer", "URL"}},
		"JwksUri not a URL":     {set(ownConfig, "JwksUri", `"jwks"`), []string{"JwksUri", "URL"}},
		"ClientId empty":        {set(ownConfig, "ClientId", `""`), []string{"ClientId", "empty"}},
		"ClientId missing":      {remove(ownConfig, "ClientId"), []string{"ClientId", "missing"}},
		"ClientId misspelt":     {remove(ownConfig, "ClientId") + `ClientID: "x"`, []string{"ClientId", "missing"}},
		"ClientId not a text":   {set(ownConfig, "ClientId", "7"), []string{"ClientId", "number"}},
		"ClientId has no value": {set(ownConfig, "ClientId", "string"), []string{"ClientId", "incomplete"}},
		"ClientId has two":      {ownConfig + `ClientId: "x"`, []string{"ClientId", "conflicting"}},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
			defer cancel()
			cmd, output := command(ctx, t, test.cue, freeAddress(t), freeAddress(t))
			var exit *exec.ExitError
			if err := cmd.Run(); !errors.As(err, &exit) || !exit.Exited() {
				t.Fatalf("the application ended with %v, want a failure\n%s", err, output)
			}
			for _, want := range test.want {
				if !strings.Contains(output.String(), want) {
					t.Errorf("the output does not contain %q:\n%s", want, output)
				}
			}
		})
	}
}
