package scopes

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestDirectives looks at the directives of the whole application: an endpoint
// whose scope is misspelled or forgotten fails here.
func TestDirectives(t *testing.T) {
	endpoints, err := readEndpoints("..")
	if err != nil {
		t.Fatal(err)
	}
	if len(endpoints) < 10 {
		t.Errorf("%d endpoints found: this test must see all", len(endpoints))
	}
	for _, complaint := range complaints(endpoints) {
		t.Error(complaint)
	}
}

// endpoint is what an endpoint's directive says.
type endpoint struct {
	service, name string
	access        string // public, auth or private
	raw           bool
	tags          []string
}

// complaints tells what is wrong with the endpoints of an application.
func complaints(endpoints []endpoint) []string {
	hasScopes := map[string]bool{} // by service
	for _, e := range endpoints {
		if len(e.scopes()) > 0 {
			hasScopes[e.service] = true
		}
	}
	var all []string
	for _, e := range endpoints {
		complain := func(format string, args ...any) {
			all = append(all, e.service+"."+e.name+": "+fmt.Sprintf(format, args...))
		}
		for _, tag := range e.scopes() {
			if scopes[tag] == "" {
				complain("tag:%s is no known scope", tag)
			}
		}
		needsNone := slices.Contains(e.tags, noScope)
		forPeople := slices.Contains(e.tags, person)
		switch {
		case len(e.scopes()) > 0 && needsNone:
			complain("names a scope, and none")
		case e.access == "auth" && hasScopes[e.service] && len(e.scopes()) == 0 && !needsNone:
			complain("names no scope, as others of its service do: say which, or tag:no-scope")
		case e.access != "auth" && (len(e.scopes()) > 0 || needsNone || forPeople):
			complain("is %s: a tag only means something where callers are known", e.access)
		case e.raw && (len(e.scopes()) > 0 || forPeople):
			complain("is raw: Encore answers 200 with no body if a middleware refuses the call")
		}
		for _, tag := range e.tags {
			if near := strings.ToLower(strings.ReplaceAll(tag, "_", "-")); near != tag &&
				(near == person || near == noScope || strings.HasPrefix(near, scopePrefix)) {
				complain("tag:%s is misspelled", tag)
			}
		}
	}
	return all
}

func (e endpoint) scopes() []string {
	return slices.DeleteFunc(slices.Clone(e.tags), func(tag string) bool { return !strings.HasPrefix(tag, scopePrefix) })
}

// readEndpoints reads the directives in the packages that Encore reads.
func readEndpoints(root string) ([]endpoint, error) {
	var all []endpoint
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !entry.IsDir() {
			if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return nil
			}
			source, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			folder, err := filepath.Rel(root, filepath.Dir(path))
			if err != nil {
				return err
			}
			// What is below a service's folder belongs to it.
			service, _, _ := strings.Cut(filepath.ToSlash(folder), "/")
			endpoints, err := parseEndpoints(service, string(source))
			all = append(all, endpoints...)
			return err
		}
		if path == root {
			return nil
		}
		_, err = os.Stat(filepath.Join(path, "go.mod"))
		if err == nil || strings.HasPrefix(entry.Name(), ".") || entry.Name() == "node_modules" {
			return filepath.SkipDir
		}
		return nil
	})
	return all, err
}

// parseEndpoints reads the directives in a Go file.
func parseEndpoints(service, source string) ([]endpoint, error) {
	file, err := parser.ParseFile(token.NewFileSet(), "", source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var all []endpoint
	for _, declaration := range file.Decls {
		function, ok := declaration.(*ast.FuncDecl)
		if !ok || function.Doc == nil {
			continue
		}
		for _, comment := range function.Doc.List {
			directive, ok := strings.CutPrefix(comment.Text, "//encore:api ")
			if !ok {
				continue
			}
			e := endpoint{service: service, name: function.Name.Name, access: "private"}
			for _, word := range strings.Fields(directive) {
				tag, isTag := strings.CutPrefix(word, "tag:")
				switch {
				case isTag:
					e.tags = append(e.tags, tag)
				case word == "raw":
					e.raw = true
				case word == "auth" || word == "public":
					e.access = word
				}
			}
			all = append(all, e)
		}
	}
	return all, nil
}

// TestComplaints shows that what TestDirectives looks for is found.
func TestComplaints(t *testing.T) {
	scoped := "//encore:api auth method=GET path=/a tag:scope-read-todos\nfunc A() {}\n"
	tests := []struct{ name, source, want string }{
		{"a scope", scoped, ""},
		{"an unknown scope", "//encore:api auth path=/a tag:scope-raed-todos\nfunc A() {}", "svc.A: tag:scope-raed-todos is no known scope"},
		{"a known and an unknown scope", "//encore:api auth path=/a tag:scope-read-todos tag:scope-x\nfunc A() {}", "svc.A: tag:scope-x is no known scope"},
		{"a forgotten scope", scoped + "//encore:api auth path=/b\nfunc B() {}",
			"svc.B: names no scope, as others of its service do: say which, or tag:no-scope"},
		{"a forgotten scope of a method", scoped + "// B does.\n//\n//encore:api auth raw path=/b\nfunc (s *S) B() {}",
			"svc.B: names no scope, as others of its service do: say which, or tag:no-scope"},
		{"only for people, and a forgotten scope", scoped + "//encore:api auth path=/b tag:person\nfunc B() {}",
			"svc.B: names no scope, as others of its service do: say which, or tag:no-scope"},
		{"the only scope is unknown, and one is forgotten", "//encore:api auth path=/a tag:scope-x\nfunc A() {}\n//encore:api auth path=/b\nfunc B() {}",
			"svc.A: tag:scope-x is no known scope\nsvc.B: names no scope, as others of its service do: say which, or tag:no-scope"},
		{"no scope is needed", scoped + "//encore:api auth path=/b tag:no-scope\nfunc B() {}", ""},
		{"a scope and none", "//encore:api auth path=/a tag:scope-read-todos tag:no-scope\nfunc A() {}", "svc.A: names a scope, and none"},
		{"a service without scopes", "//encore:api auth path=/a\nfunc A() {}\n//encore:api auth path=/b tag:person\nfunc B() {}", ""},
		{"a public endpoint beside", scoped + "//encore:api public path=/b\nfunc B() {}", ""},
		{"a private endpoint beside", scoped + "//encore:api private\nfunc B() {}", ""},
		{"a public endpoint with a scope", "//encore:api public path=/a tag:scope-read-todos\nfunc A() {}",
			"svc.A: is public: a tag only means something where callers are known"},
		{"a public endpoint for people", "//encore:api public path=/a tag:person\nfunc A() {}",
			"svc.A: is public: a tag only means something where callers are known"},
		{"a raw endpoint with a scope", "//encore:api auth raw path=/a tag:scope-read-todos\nfunc A() {}",
			"svc.A: is raw: Encore answers 200 with no body if a middleware refuses the call"},
		{"a raw endpoint for people", "//encore:api auth raw path=/a tag:person\nfunc A() {}",
			"svc.A: is raw: Encore answers 200 with no body if a middleware refuses the call"},
		{"a misspelled tag", "//encore:api auth path=/a tag:scope_read_todos\nfunc A() {}", "svc.A: tag:scope_read_todos is misspelled"},
		{"another tag", "//encore:api auth path=/a tag:cached\nfunc A() {}", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			endpoints, err := parseEndpoints("svc", "package svc\n\n"+tt.source)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(complaints(endpoints), "\n"); got != tt.want {
				t.Errorf("complaints:\n%s\nwant:\n%s", got, tt.want)
			}
		})
	}
}

// TestReadEndpoints: no package is left out that Encore reads, and none is read
// that it leaves out.
func TestReadEndpoints(t *testing.T) {
	root := t.TempDir()
	for name, source := range map[string]string{
		"a/a.go":              "package a\n\n//encore:api auth path=/a\nfunc A() {}",
		"a/b/b.go":            "package b\n\n//encore:api public\nfunc B() {}",
		"a/a_test.go":         "package a\n\n//encore:api auth path=/t\nfunc T() {}",
		".c/c.go":             "package c\n\n//encore:api auth path=/c\nfunc C() {}",
		"node_modules/d/d.go": "package d\n\n//encore:api auth path=/d\nfunc D() {}",
		"e/go.mod":            "module e",
		"e/e.go":              "package e\n\n//encore:api auth path=/e\nfunc E() {}",
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(source), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	endpoints, err := readEndpoints(root)
	if err != nil {
		t.Fatal(err)
	}
	services := map[string]string{}
	for _, e := range endpoints {
		services[e.name] = e.service
	}
	if want := map[string]string{"A": "a", "B": "a"}; !maps.Equal(services, want) {
		t.Errorf("services by endpoint: %v, want %v", services, want)
	}
}
