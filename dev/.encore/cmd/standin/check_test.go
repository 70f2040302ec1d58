package main

import (
	"strings"
	"testing"
)

// parseService parses an application with the service svc and a middleware that
// knows two scopes, each in a file of its own.
func parseService(t *testing.T, code string) *app {
	t.Helper()
	a, err := parseApp(writeFiles(t, map[string]string{
		"go.mod":     "module shop.app\n",
		"svc/svc.go": "package svc\n\n" + code + "\n",
		"scopes/scopes.go": "package scopes\n\nvar scopes = map[string]string{\"scope-read-notes\": \"read:notes\"}\n\n" +
			"//encore:middleware global target=all\nfunc Enforce() {}\n",
		"scopes/more.go": "package scopes\n\nfunc init() { maps.Copy(scopes, map[string]string{\"scope-write-notes\": \"write:notes\"}) }\n",
	}))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestCheck(t *testing.T) {
	const (
		scoped = "//encore:api auth sensitive path=/a tag:scope-read-notes\nfunc A() {}\n"
		tag    = `svc.P.F: tag it encore:"sensitive", or say why it is harmless: trace:"…"`
	)
	endpoint := func(words string) string { return "//encore:api " + words + " path=/a\nfunc A() {}" }
	params := func(fields string) string {
		return "//encore:api private\nfunc A(ctx context.Context, p *P) error\ntype P struct {\n" + fields + "\n}\n"
	}
	for name, test := range map[string]struct{ code, want string }{
		"a scope":                       {scoped, ""},
		"a scope of another file":       {endpoint("auth sensitive tag:scope-write-notes"), ""},
		"an unknown scope":              {endpoint("auth sensitive tag:scope-raed-notes"), "svc.A: tag:scope-raed-notes is not a known scope"},
		"a known and an unknown scope":  {endpoint("auth sensitive tag:scope-read-notes tag:scope-x"), "svc.A: tag:scope-x is not a known scope"},
		"a forgotten scope":             {scoped + "//encore:api auth sensitive path=/b\nfunc B() {}", "svc.B: names no scope: say which, or tag:no-scope"},
		"a method's forgotten scope":    {"// A does.\n//\n//encore:api auth sensitive path=/a\nfunc (s *S) A() error { return nil }", "svc.A: names no scope: say which, or tag:no-scope"},
		"people's forgotten scope":      {endpoint("auth sensitive tag:person"), "svc.A: names no scope: say which, or tag:no-scope"},
		"no scope is needed":            {endpoint("auth sensitive tag:no-scope"), ""},
		"a scope and none":              {endpoint("auth sensitive tag:scope-read-notes tag:no-scope"), "svc.A: names a scope and tag:no-scope"},
		"a public endpoint beside":      {scoped + "//encore:api public sensitive path=/b\nfunc B() {}", ""},
		"a private endpoint beside":     {scoped + "//encore:api private\nfunc B() {}", ""},
		"a public endpoint's scope":     {endpoint("public sensitive tag:scope-read-notes"), "svc.A: is public: these tags are for endpoints with auth"},
		"a public endpoint for people":  {endpoint("public sensitive tag:person"), "svc.A: is public: these tags are for endpoints with auth"},
		"a raw endpoint with a scope":   {endpoint("auth raw sensitive tag:scope-read-notes"), "svc.A: is raw: if a middleware rejects the call, Encore answers 200 with an empty body"},
		"a raw endpoint without":        {endpoint("auth raw sensitive tag:no-scope"), "svc.A: is raw: if a middleware rejects the call, Encore answers 200 with an empty body"},
		"a misspelled tag":              {endpoint("auth sensitive tag:no-scope tag:scope_read_notes"), "svc.A: tag:scope_read_notes is misspelled"},
		"another tag":                   {endpoint("auth sensitive tag:no-scope tag:cached"), ""},
		"no endpoint":                   {"", "there are no endpoints"},
		"an endpoint's headers":         {endpoint("auth tag:no-scope"), "svc.A: is not sensitive: its headers can hold an access token"},
		"a raw endpoint's headers":      {endpoint("public raw"), "svc.A: is not sensitive: its headers can hold an access token"},
		"a sensitive field":             {params("F string `json:\"f\" encore:\"optional,sensitive\"`"), ""},
		"numbers and times":             {params("F int64; G *bool; H []float64; I time.Time"), ""},
		"harmless text":                 {params("F string `trace:\"always the same\"`"), ""},
		"harmless without a reason":     {params("F string `trace:\"\"`"), "svc.P.F: its tag trace gives no reason, or needs none"},
		"harmless without a need":       {params("F int `trace:\"a number\"`"), "svc.P.F: its tag trace gives no reason, or needs none"},
		"text":                          {params("F string `json:\"sensitive\"`"), tag},
		"pointer":                       {params("F *string"), tag},
		"list":                          {params("F []string"), tag},
		"bytes":                         {params("F []byte"), tag},
		"map":                           {params("F map[string]int"), tag},
		"any":                           {params("F any"), tag},
		"one of two":                    {params("G int; H, F string `json:\"x\"`"), strings.ReplaceAll(tag, ".F", ".H") + "\n" + tag},
		"raw JSON":                      {params("F json.RawMessage"), tag},
		"named text":                    {params("F Name") + "type Name string", tag},
		"another package's type":        {params("F auth.UID"), tag},
		"embedded":                      {params("Name") + "type Name string", strings.ReplaceAll(tag, "P.F", "P.")},
		"in a struct":                   {params("S []*P2") + "type P2 struct { F string }", strings.ReplaceAll(tag, "P.", "P2.")},
		"in a sensitive struct":         {params("S P2 `encore:\"sensitive\"`") + "type P2 struct { F string }", ""},
		"result":                        {"//encore:api private\nfunc A(context.Context) (*P, error)\ntype P struct { F string }", tag},
		"message":                       {scoped + "var T = pubsub.NewTopic[*P](\"p\", pubsub.TopicConfig{})\ntype P struct { F string }", tag},
		"unknown message":               {scoped + "var T = pubsub.NewTopic[other.P](\"p\", pubsub.TopicConfig{})", "other.P: is not known: use a struct of the application"},
		"credentials":                   {scoped + "//encore:authhandler\nfunc H(ctx context.Context, p *P) (auth.UID, error)\ntype P struct { F string }", tag},
		"sensitive auth data":           {scoped + "//encore:authhandler\nfunc H(ctx context.Context, t string) (auth.UID, *P, error)\ntype P struct { F string `encore:\"sensitive\"` }", `svc.P.F: is in every trace, whatever its tag encore: say why it is harmless: trace:"…"`},
		"a sensitive endpoint's params": {strings.Replace(params("F string"), "private", "auth sensitive path=/a tag:no-scope", 1), tag},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			if err := parseService(t, test.code).check(); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("problems:\n%s\nwant:\n%s", got, test.want)
			}
		})
	}
}

func TestTypeScript(t *testing.T) {
	a := parseService(t, `
//encore:api auth path=/a/:id
func A(ctx context.Context, id int64, p *AParams) (*AResponse, error)

//encore:api private
func B(ctx context.Context, p *BParams) error

type AParams struct {
	Key  string  `+"`header:\"Key\"`"+`
	Text *string `+"`json:\"text,omitempty\"`"+`
	Done bool
}

type AResponse struct {
	Items []*Item `+"`json:\"items\"`"+`
	Last  *time.Time
}

type Item struct{ ID int64 }

type BParams struct{ F map[string]int }

type Gone struct{ By string }

func (*Gone) ErrDetails() {}
`)
	const want = `// Written by ` + "`make types`" + ` from the Go code: change it there.

export interface SvcAParams {
  text?: string;
  Done: boolean;
}

export interface SvcItem {
  ID: number;
}

export interface SvcAResponse {
  items: SvcItem[];
  Last: string | null;
}

export interface SvcGone {
  By: string;
}
`
	got, err := a.typeScript()
	if err != nil || string(got) != want {
		t.Errorf("error %v, types:\n%s\nwant:\n%s", err, got, want)
	}
	for _, field := range []string{"F map[string]int", "F other.Type", "Item"} {
		a := parseService(t, "//encore:api public path=/a\nfunc A(p *P) error\ntype P struct { "+field+" }\ntype Item struct{}")
		if types, err := a.typeScript(); err == nil {
			t.Errorf("%s: no error, but\n%s", field, types)
		}
	}
}
