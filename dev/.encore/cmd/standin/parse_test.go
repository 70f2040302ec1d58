package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// writeFiles writes the files into a folder of their own, and returns that.
func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestParseApp(t *testing.T) {
	const source = "package notes\n//encore:api public\nfunc List() error { return nil }\n"
	root := writeFiles(t, map[string]string{
		"go.mod": "module shop.app\n",
		"notes/notes.go": `package notes

import (
	"context"
	clock "time"
)

var secrets struct {
	Key, Other string
	More       string
}

// Service owns things.
//
//encore:service
type Service struct{}

func initService() (*Service, error) { return nil, nil }

// Get is documented.
//
//encore:api auth method=GET,PUT path=/notes/:a/:b tag:read-notes tag:mine
func (s *Service) Get(_ context.Context, a, b int64) (*clock.Time, error) { return nil, nil }

//encore:api public
func List(ctx context.Context) error { return nil }

//encore:api public raw sensitive
func (s *Service) Hook(w http.ResponseWriter, req *http.Request) {}

//encore:api
func Add(ctx context.Context, p *Params) (*Sum, error) { return nil, nil }

type (
	Params struct{}
	Sum    struct{}
)

// encore:api is no directive with a space before it.
func other() {}
`,
		"auth/auth.go": `package auth

//encore:authhandler
func Handle(ctx context.Context, token string) (auth.UID, error) { return "", nil }
`,
		"guard/guard.go": `package guard

//encore:middleware global target=all
func Guard(req middleware.Request, next middleware.Next) middleware.Response { return next(req) }
`,
		"plain/plain.go":               "package plain\n",
		"notes/notes_test.go":          source,
		"notes/encore.gen.go":          source,
		".hidden/notes.go":             source,
		"node_modules/x/notes.go":      source,
		"tools/go.mod":                 "module tools\n",
		"tools/notes/notes.go":         source,
		"node_modules/x/not go at all": "",
	})
	a, err := parseApp(root)
	if err != nil {
		t.Fatal(err)
	}
	var dirs []string
	for _, s := range a.Services {
		dirs = append(dirs, s.dir)
		s.goPackage = nil
	}
	if want := []string{filepath.Join(root, "auth"), filepath.Join(root, "guard"), filepath.Join(root, "notes")}; !reflect.DeepEqual(dirs, want) {
		t.Errorf("folders %v, want %v", dirs, want)
	}
	want := []*service{
		{
			ImportPath: "shop.app/auth",
			Name:       "auth", AuthHandler: &function{"Handle", "Handle"},
		},
		{
			ImportPath: "shop.app/guard",
			Name:       "guard", Middleware: []function{{"Guard", "Guard"}},
		},
		{
			ImportPath: "shop.app/notes",
			Name:       "notes", StructName: "Service", InitFunc: "initService",
			Endpoints: []endpoint{
				{function{"Get", "(*Service).Get"}, "auth", "/notes/:a/:b", []string{"GET", "PUT"}, []string{"mine", "read-notes"}, false, false, "", ""},
				{function{"List", "List"}, "public", "/notes.List", []string{"GET", "POST"}, nil, false, false, "", ""},
				{function{"Hook", "(*Service).Hook"}, "public", "/notes.Hook", allMethods, nil, true, true, "", ""},
				{function{"Add", "Add"}, "private", "/notes.Add", []string{"POST"}, nil, false, false, "notes.Params", "notes.Sum"},
			},
			Secrets: []string{"Key", "Other", "More"},
			Callers: []caller{{
				Name: "Get", Receiver: "*Service",
				Params: "p0 context.Context, p1 int64, p2 int64", Arguments: "p0, p1, p2",
				Results: "r0 *clock.Time, err error", Assigned: "r0, err",
				imports: []string{`"context"`, `clock "time"`},
			}},
		},
	}
	if !reflect.DeepEqual(a.Services, want) {
		t.Errorf("got %+v, want %+v", a.Services, want)
	}
}

// What the stand-in lacks must not pass for nothing.
func TestParseAppRefusesWhatItDoesNotKnow(t *testing.T) {
	for source, want := range map[string]string{
		"//encore:middleware target=all\nfunc M() {}":          "the stand-in only knows //encore:middleware global target=all",
		"//encore:middleware global target=tag:a\nfunc M() {}": "the stand-in only knows //encore:middleware global target=all",
		"//encore:authhandler\ntype T struct{}":                "the stand-in does not know //encore:authhandler here",
		"//encore:api raw path=/hook\nfunc Hook(w W, r R) {}":  "a raw endpoint can't be private",
		"var secrets = struct{ Key string }{}":                 "secrets must be a variable of its own",
		"var secrets Secrets":                                  "secrets must be a variable of its own",
		"//encore:api auth secret\nfunc Get() {}":              `the stand-in does not know "secret" in //encore:api`,
	} {
		root := writeFiles(t, map[string]string{"go.mod": "module shop.app\n", "svc/svc.go": "package svc\n\n" + source + "\n"})
		_, err := parseApp(root)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "svc.go:") {
			t.Errorf("%s: error %v, want %s and the place", source, err, want)
		}
	}
}

func TestParseAppRefusesMiddlewareInService(t *testing.T) {
	const source = "package guard\n\n//encore:middleware global target=all\nfunc Guard() {}\n"
	for _, dir := range []string{"notes", "notes/guard"} {
		root := writeFiles(t, map[string]string{
			"go.mod":          "module shop.app\n",
			"notes/notes.go":  "package notes\n\n//encore:api public\nfunc List() error { return nil }\n",
			dir + "/guard.go": source,
		})
		if _, err := parseApp(root); err == nil || !strings.Contains(err.Error(), "global middleware can't be in a service") {
			t.Errorf("in %s: error %v", dir, err)
		}
	}
}
