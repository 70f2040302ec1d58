package main

import (
	"strings"
	"testing"
)

// parseService parses an application with the service svc and two scopes.
func parseService(t *testing.T, code string) *app {
	t.Helper()
	a, err := parseFiles(t, map[string]string{
		"svc/svc.go": "package svc\n\n" + code + "\n",
		"scopes/scopes.go": "package scopes\n\nvar scopes = map[string]string{\"scope-read-notes\": \"read:notes\"}\n\n" +
			"//encore:middleware global target=all\nfunc Enforce() {}\n",
		"scopes/more.go": "package scopes\n\nfunc init() { maps.Copy(scopes, map[string]string{\"scope-write-notes\": \"write:notes\"}) }\n",
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestCheckTags(t *testing.T) {
	const (
		missing   = "svc.A: names no scope: say which, or tag:no-scope"
		public    = "svc.A: is public: these tags are for endpoints with auth"
		raw       = "svc.A: is raw: if a middleware rejects the call, Encore answers 200 with an empty body"
		sensitive = "svc.A: is not sensitive: its headers can hold an access token"
	)
	for fields, want := range map[string]string{
		"auth sensitive tag:scope-read-notes":              "",
		"auth sensitive tag:scope-write-notes":             "",
		"auth sensitive tag:no-scope":                      "",
		"auth sensitive tag:no-scope tag:cached":           "",
		"public sensitive":                                 "",
		"private":                                          "",
		"auth sensitive":                                   missing,
		"auth sensitive tag:person":                        missing,
		"auth sensitive tag:scope-raed-notes":              "svc.A: tag:scope-raed-notes is not a known scope",
		"auth sensitive tag:scope-read-notes tag:scope-x":  "svc.A: tag:scope-x is not a known scope",
		"auth sensitive tag:scope-read-notes tag:no-scope": "svc.A: names a scope and tag:no-scope",
		"auth sensitive tag:no-scope tag:scope_read_notes": "svc.A: tag:scope_read_notes is misspelled",
		"public sensitive tag:scope-read-notes":            public,
		"public sensitive tag:person":                      public,
		"auth raw sensitive tag:scope-read-notes":          raw,
		"auth raw sensitive tag:no-scope":                  raw,
		"auth tag:no-scope":                                sensitive,
		"public raw":                                       sensitive,
	} {
		for _, declaration := range []string{"func A() error { return nil }", "func (s *S) A() error { return nil }"} {
			err := parseService(t, "// A does.\n//\n//encore:api "+fields+" path=/a\n"+declaration).check()
			if got := errorText(err); got != want {
				t.Errorf("%s: problems:\n%s\nwant:\n%s", fields, got, want)
			}
		}
	}
	if got := errorText(parseService(t, "").check()); got != "there are no endpoints" {
		t.Errorf("without endpoints: %s", got)
	}
}

func TestCheckTraces(t *testing.T) {
	const (
		text     = `svc.P.F: tag it encore:"sensitive", or say why it is harmless: trace:"…"`
		noReason = "svc.P.F: its tag trace gives no reason, or is not needed"
		params   = "//encore:api private\nfunc A(ctx context.Context, p *P) error\n"
		endpoint = "//encore:api auth sensitive path=/a tag:scope-read-notes\nfunc A() {}\n"
	)
	for _, test := range []struct{ use, fields, want string }{
		{params, "F string `json:\"f\" encore:\"optional,sensitive\"`", ""},
		{params, "F int64; G *bool; H []float64; I time.Time", ""},
		{params, "F string `trace:\"always the same\"`", ""},
		{params, "F string `trace:\"\"`", noReason},
		{params, "F int `trace:\"a number\"`", noReason},
		{params, "F string `json:\"sensitive\"`", text},
		{params, "F *string", text},
		{params, "F []string", text},
		{params, "F []byte", text},
		{params, "F map[string]int", text},
		{params, "F any", text},
		{params, "F json.RawMessage", text},
		{params, "F auth.UID", text},
		{params, "F Name", text},
		{params, "G int; H, F string `json:\"x\"`", strings.ReplaceAll(text, ".F", ".H") + "\n" + text},
		{params, "Name", strings.ReplaceAll(text, "P.F", "P.")},
		{params, "S []*Inner", strings.ReplaceAll(text, "P.", "Inner.")},
		{params, "S Inner `encore:\"sensitive\"`", ""},
		{strings.Replace(params, "private", "auth sensitive path=/a tag:no-scope", 1), "F string", text},
		{"//encore:api private\nfunc A(context.Context) (*P, error)\n", "F string", text},
		{endpoint + "var T = pubsub.NewTopic[*P](\"p\", cfg)\n", "F string", text},
		{endpoint + "var T = pubsub.NewTopic[other.P](\"p\", cfg)\n", "F string", "other.P: is not known: use a struct of the application"},
		{endpoint + "//encore:authhandler\nfunc H(ctx context.Context, p *P) (auth.UID, error)\n", "F string", text},
		{endpoint + "//encore:authhandler\nfunc H(ctx context.Context, t string) (auth.UID, *P, error)\n", "F string `encore:\"sensitive\"`",
			`svc.P.F: is in every trace, whatever its tag encore: say why it is harmless: trace:"…"`},
	} {
		err := parseService(t, test.use+"type P struct { "+test.fields+" }\ntype Inner struct { F string }\ntype Name string").check()
		if got := errorText(err); got != test.want {
			t.Errorf("%s: problems:\n%s\nwant:\n%s", test.fields, got, test.want)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// What the types look like is in the React app, and is checked there.
func TestTypeScriptUnsupported(t *testing.T) {
	for _, field := range []string{"F map[string]int", "F other.Type", "Item"} {
		a := parseService(t, "//encore:api public path=/a\nfunc A(p *P) error\ntype P struct { "+field+" }\ntype Item struct{}")
		if types, err := a.typeScript(); err == nil {
			t.Errorf("%s: no error, but\n%s", field, types)
		}
	}
}
