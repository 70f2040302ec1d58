package scopes

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"encore.app/dev/source"
)

// TestDirectives looks at the directives of the whole application: an endpoint
// whose scope is misspelled or forgotten fails here.
func TestDirectives(t *testing.T) {
	app := application(t)
	if len(app.Endpoints) < 10 {
		t.Errorf("%d endpoints found: this test must see all", len(app.Endpoints))
	}
	for _, complaint := range complaints(app.Endpoints) {
		t.Error(complaint)
	}
}

// application is what this application declares.
func application(t *testing.T) *source.App {
	t.Helper()
	app, err := source.Read(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	return app
}

// complaints tells what is wrong with the endpoints of an application.
func complaints(endpoints []source.Endpoint) []string {
	var all []string
	for _, e := range endpoints {
		complain := func(format string, args ...any) {
			all = append(all, e.Service+"."+e.Name+": "+fmt.Sprintf(format, args...))
		}
		scoped := slices.DeleteFunc(slices.Clone(e.Tags), func(tag string) bool { return !strings.HasPrefix(tag, scopePrefix) })
		for _, tag := range scoped {
			if scopes[tag] == "" {
				complain("tag:%s is no known scope", tag)
			}
		}
		needsNone := slices.Contains(e.Tags, noScope)
		forPeople := slices.Contains(e.Tags, person)
		switch {
		case len(scoped) > 0 && needsNone:
			complain("names a scope, and none")
		case e.Access == "auth" && len(scoped) == 0 && !needsNone:
			complain("names no scope: say which, or tag:no-scope")
		case e.Access != "auth" && (len(scoped) > 0 || needsNone || forPeople):
			complain("is %s: a tag only means something where callers are known", e.Access)
		case e.Access == "auth" && e.Raw:
			complain("is raw: Encore answers 200 with no body if a middleware refuses the call")
		}
		for _, tag := range e.Tags {
			if near := strings.ToLower(strings.ReplaceAll(tag, "_", "-")); near != tag &&
				(near == person || near == noScope || strings.HasPrefix(near, scopePrefix)) {
				complain("tag:%s is misspelled", tag)
			}
		}
	}
	return all
}

// read reads the Go code of a service svc.
func read(t *testing.T, code string) *source.App {
	t.Helper()
	app, err := source.Read(fstest.MapFS{"svc/svc.go": &fstest.MapFile{Data: []byte("package svc\n\n" + code)}})
	if err != nil {
		t.Fatal(err)
	}
	return app
}

// TestComplaints shows that what TestDirectives looks for is found.
func TestComplaints(t *testing.T) {
	const scoped = "//encore:api auth method=GET path=/a tag:scope-read-todos\nfunc A() {}\n"
	tests := []struct{ name, code, want string }{
		{"a scope", scoped, ""},
		{"an unknown scope", "//encore:api auth path=/a tag:scope-raed-todos\nfunc A() {}", "svc.A: tag:scope-raed-todos is no known scope"},
		{"a known and an unknown scope", "//encore:api auth path=/a tag:scope-read-todos tag:scope-x\nfunc A() {}", "svc.A: tag:scope-x is no known scope"},
		{"a forgotten scope", scoped + "//encore:api auth path=/b\nfunc B() {}", "svc.B: names no scope: say which, or tag:no-scope"},
		{"a forgotten scope of a service without any", "//encore:api auth path=/b\nfunc B() {}", "svc.B: names no scope: say which, or tag:no-scope"},
		{"a forgotten scope of a method", "// B does.\n//\n//encore:api auth path=/b\nfunc (s *S) B() {}", "svc.B: names no scope: say which, or tag:no-scope"},
		{"only for people, and a forgotten scope", "//encore:api auth path=/b tag:person\nfunc B() {}", "svc.B: names no scope: say which, or tag:no-scope"},
		{"no scope is needed", "//encore:api auth path=/b tag:no-scope\nfunc B() {}", ""},
		{"a scope and none", "//encore:api auth path=/a tag:scope-read-todos tag:no-scope\nfunc A() {}", "svc.A: names a scope, and none"},
		{"a public endpoint beside", scoped + "//encore:api public path=/b\nfunc B() {}", ""},
		{"a private endpoint beside", scoped + "//encore:api private\nfunc B() {}", ""},
		{"a public endpoint with a scope", "//encore:api public path=/a tag:scope-read-todos\nfunc A() {}",
			"svc.A: is public: a tag only means something where callers are known"},
		{"a public endpoint for people", "//encore:api public path=/a tag:person\nfunc A() {}",
			"svc.A: is public: a tag only means something where callers are known"},
		{"a raw endpoint with a scope", "//encore:api auth raw path=/a tag:scope-read-todos\nfunc A() {}",
			"svc.A: is raw: Encore answers 200 with no body if a middleware refuses the call"},
		{"a raw endpoint without", "//encore:api auth raw path=/a tag:no-scope\nfunc A() {}",
			"svc.A: is raw: Encore answers 200 with no body if a middleware refuses the call"},
		{"a misspelled tag", "//encore:api auth path=/a tag:no-scope tag:scope_read_todos\nfunc A() {}", "svc.A: tag:scope_read_todos is misspelled"},
		{"another tag", "//encore:api auth path=/a tag:no-scope tag:cached\nfunc A() {}", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(complaints(read(t, tt.code).Endpoints), "\n"); got != tt.want {
				t.Errorf("complaints:\n%s\nwant:\n%s", got, tt.want)
			}
		})
	}
}
