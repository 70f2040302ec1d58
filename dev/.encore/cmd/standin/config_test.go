package main

import (
	"path/filepath"
	"strings"
	"testing"

	cueerrors "cuelang.org/go/cue/errors"
)

func evaluateFiles(t *testing.T, files map[string]string) (string, error) {
	t.Helper()
	dir := writeFiles(t, files)
	var paths []string
	for name := range files {
		paths = append(paths, dir+"/"+name)
	}
	data, err := evaluate("auth", paths)
	return string(data), err
}

func TestEvaluate(t *testing.T) {
	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"one file":        {map[string]string{"config.cue": `Issuer: "a"`}, `{"Issuer":"a"}`},
		"package clause":  {map[string]string{"config.cue": "package auth\nIssuer: \"a\""}, `{"Issuer":"a"}`},
		"several files":   {map[string]string{"a.cue": `Issuer: string | *"a"`, "b.cue": `Issuer: "b"`}, `{"Issuer":"b"}`},
		"the environment": {map[string]string{"config.cue": `if #Meta.Environment.Cloud == "local" {Issuer: #Meta.Environment.Type}`}, `{"Issuer":"development"}`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := evaluateFiles(t, test.files)
			if err != nil || got != test.want {
				t.Errorf("got %s, %v, want %s", got, err, test.want)
			}
		})
	}
}

func TestEvaluateError(t *testing.T) {
	for name, test := range map[string]struct{ source, want string }{
		"unparsable":   {"Issuer: {", "expected '}'"},
		"no value":     {"Issuer: string", "Issuer: incomplete value string"},
		"two values":   {"Issuer: \"a\"\nIssuer: \"b\"", "Issuer: conflicting values"},
		"out of bound": {"Seconds: <=10\nSeconds: 11", "Seconds: invalid value 11"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := evaluateFiles(t, map[string]string{"config.cue": test.source})
			if err == nil {
				t.Fatal("no error")
			}
			details := cueerrors.Details(err, nil)
			if !strings.Contains(details, test.want) || !strings.Contains(details, "config.cue:") {
				t.Errorf("error %q, want %q and the place", details, test.want)
			}
		})
	}
}

func TestLocalSecrets(t *testing.T) {
	dir := writeFiles(t, map[string]string{
		"good.cue":   "// Secrets.\nKey: \"a\"\nOther: \"b\" + Key\n_hidden: \"c\"\n",
		"number.cue": "Key: 1\n",
		"open.cue":   "Key: string\n",
		"broken.cue": "Key: {\n",
	})
	for name, want := range map[string]string{
		"good.cue":    `{"Key":"a","Other":"ba"}`,
		"missing.cue": `{}`,
	} {
		if got, err := localSecrets(filepath.Join(dir, name)); err != nil || got != want {
			t.Errorf("%s: got %s, %v, want %s", name, got, err, want)
		}
	}
	for _, name := range []string{"number.cue", "open.cue", "broken.cue"} {
		if _, err := localSecrets(filepath.Join(dir, name)); err == nil || !strings.Contains(err.Error(), name+":1") {
			t.Errorf("%s: error %v, want one with the place", name, err)
		}
	}
}
