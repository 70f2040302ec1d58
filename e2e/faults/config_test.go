package faults

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"testing"
)

// A configuration that can't work ends the start, and the output says which
// field is wrong and why.
func TestWrongConfiguration(t *testing.T) {
	good := config("https://tenant.logto.app/oidc")
	without := func(field string) string {
		var lines []string
		for line := range strings.Lines(good) {
			if !strings.HasPrefix(line, field+":") {
				lines = append(lines, line)
			}
		}
		return strings.Join(lines, "")
	}
	for name, test := range map[string]struct {
		cue  string
		want []string
	}{
		"unparsable":            {good + "Extra: {", []string{"auth/config.cue:5", "expected '}'"}},
		"Issuer not a URL":      {without("Issuer") + `Issuer: "localhost:3001/oidc"`, []string{"Issuer", "URL"}},
		"JwksUri not a URL":     {without("JwksUri") + `JwksUri: "jwks"`, []string{"JwksUri", "URL"}},
		"ClientId empty":        {without("ClientId") + `ClientId: ""`, []string{"ClientId", "empty"}},
		"ClientId missing":      {without("ClientId"), []string{"ClientId", "missing"}},
		"ClientId misspelt":     {without("ClientId") + `ClientID: "x"`, []string{"ClientId", "missing"}},
		"ClientId not a text":   {without("ClientId") + `ClientId: 7`, []string{"ClientId", "number"}},
		"ClientId has no value": {without("ClientId") + `ClientId: string`, []string{"ClientId", "incomplete"}},
		"ClientId has two":      {good + `ClientId: "x"`, []string{"ClientId", "conflicting"}},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
			defer cancel()
			cmd, output := command(ctx, t, test.cue, freeAddress(t), freeAddress(t))
			var exit *exec.ExitError
			if err := cmd.Run(); !errors.As(err, &exit) || !exit.Exited() {
				t.Fatalf("the start ended with %v, want an exit code that tells of a failure\n%s", err, output)
			}
			for _, want := range test.want {
				if !strings.Contains(output.String(), want) {
					t.Errorf("the output lacks %q:\n%s", want, output)
				}
			}
		})
	}
}
