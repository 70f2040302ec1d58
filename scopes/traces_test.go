package scopes

import (
	"fmt"
	"go/ast"
	"strings"
	"testing"

	"encore.app/dev/source"
)

// harmless are the fields that may be in a trace as they are, and why. All
// others that could hold a text are tagged `encore:"sensitive"`.
var harmless = map[string]string{
	"api.HelloResponse.Message":            userID,
	"api.PingResponse.Message":             "always the same",
	"api.ReadyResponse.Message":            "always the same",
	"auth.Data.Audiences":                  configured,
	"auth.Data.ClientID":                   configured,
	"auth.Data.OrganizationID":             "an id, of many people",
	"auth.Data.Roles":                      configured,
	"auth.Data.Scopes":                     configured,
	"auth.VerifyResponse.Subject":          userID,
	"todos.ListParams.Cursor":              cursor,
	"todos.ListParams.State":               "says nothing of anybody",
	"todos.ListResponse.NextCursor":        cursor,
	"todos.Todo.OrganizationID":            "an id, of many people",
	"users.ChangesResponse.LogtoIDs":       userID,
	"users.EnsureParams.LogtoID":           userID,
	"users.FindParams.LogtoID":             userID,
	"users.IdentityProviderParams.JwksUri": configured,
	"users.ListResponse.NextCursor":        cursor,
	"users.User.LogtoID":                   userID,
}

const (
	userID     = "the user id, which Encore notes of each call"
	configured = "what an administrator calls something"
	cursor     = "an id and a digest"
)

// TestTraces: no credential and nothing personal gets into the traces that
// Encore writes of calls and messages, which leave the application.
func TestTraces(t *testing.T) {
	app := application(t)
	used := map[string]bool{}
	for _, leak := range leaks(app, func(field string) bool {
		used[field] = true
		return harmless[field] != ""
	}) {
		t.Error(leak)
	}
	for field := range harmless {
		if !used[field] {
			t.Errorf("%s is no field, or needs not be in the list", field)
		}
	}
}

// leaks tells what gets into traces and may not. Fields that could hold a text
// have to be tagged, unless they are harmless.
func leaks(app *source.App, harmless func(field string) bool) []string {
	l := leakSearch{app: app, harmless: harmless, done: map[string]bool{}}
	for _, e := range app.Endpoints {
		if e.Access != "private" && !e.Sensitive {
			l.complain("%s.%s: is not sensitive: its headers can hold an access token", e.Service, e.Name)
		}
		l.search(e.Params, true)
		l.search(e.Result, true)
	}
	for _, message := range app.Messages {
		l.search(message, true)
	}
	l.search(app.AuthParams, true)
	clear(l.done)
	l.search(app.AuthData, false) // Encore does not look at its tags
	return l.found
}

// leakSearch looks for leaks.
type leakSearch struct {
	app      *source.App
	harmless func(field string) bool
	done     map[string]bool // the types looked at
	found    []string
}

func (l *leakSearch) complain(format string, args ...any) {
	l.found = append(l.found, fmt.Sprintf(format, args...))
}

// search looks at a struct and at those in it.
func (l *leakSearch) search(name string, tagsCount bool) {
	if name == "" || l.done[name] {
		return
	}
	l.done[name] = true
	fields, ok := l.app.Structs[name]
	if !ok {
		l.complain("%s: is not known: use a struct of the application", name)
	}
	pkg, _, _ := strings.Cut(name, ".")
	for _, field := range fields {
		where := name + "." + field.Name
		if tagsCount && isSensitive(field) {
			continue
		}
		switch inner, kind := kindOf(pkg, field.Type); {
		case kind == safe:
		case kind == structure && l.app.Structs[inner] != nil:
			l.search(inner, tagsCount)
		case l.harmless(where):
		case !tagsCount:
			l.complain("%s: is in every trace, whatever its tags", where)
		default:
			l.complain(`%s: tag it encore:"sensitive", or say why it is harmless`, where)
		}
	}
}

func isSensitive(field source.Field) bool {
	for _, option := range strings.Split(field.Tag.Get("encore"), ",") {
		if option == "sensitive" {
			return true
		}
	}
	return false
}

// What a type can hold.
const (
	safe      = "no text"
	structure = "fields of its own"
	text      = "text"
)

// kindOf tells what a type of the package, or the elements of a list, can hold.
// All that is not known to be safe could hold a text.
func kindOf(pkg string, expr ast.Expr) (name, kind string) {
	switch expr := expr.(type) {
	case *ast.StarExpr:
		return kindOf(pkg, expr.X)
	case *ast.ArrayType:
		return kindOf(pkg, expr.Elt)
	case *ast.Ident:
		switch expr.Name {
		case "bool", "int", "int16", "int32", "int64", "uint", "uint16", "uint32", "uint64", "float32", "float64":
			return "", safe
		case "string", "any", "error", "byte", "uint8", "int8", "rune":
			return "", text
		}
		return pkg + "." + expr.Name, structure
	case *ast.SelectorExpr:
		if name := source.TypeName(pkg, expr); name != "time.Time" && name != "time.Duration" {
			return name, structure
		}
		return "", safe
	}
	return "", text
}

// TestLeaks shows that what TestTraces looks for is found.
func TestLeaks(t *testing.T) {
	const tag = `svc.P.F: tag it encore:"sensitive", or say why it is harmless`
	params := func(fields string) string {
		return "//encore:api private\nfunc A(ctx context.Context, p *P) error\ntype P struct {\n" + fields + "\n}\n"
	}
	for name, test := range map[string]struct{ code, want string }{
		"tagged":                 {params("F string `json:\"f\" encore:\"optional,sensitive\"`"), ""},
		"numbers and times":      {params("F int64; G *bool; H []float64; I time.Time"), ""},
		"harmless":               {params("Harmless string"), ""},
		"text":                   {params("F string `json:\"sensitive\"`"), tag},
		"pointer":                {params("F *string"), tag},
		"list":                   {params("F []string"), tag},
		"bytes":                  {params("F []byte"), tag},
		"map":                    {params("F map[string]int"), tag},
		"any":                    {params("F any"), tag},
		"one of two":             {params("Harmless, F string"), tag},
		"raw JSON":               {params("F json.RawMessage"), tag},
		"named text":             {params("F Name") + "type Name string", tag},
		"another package's type": {params("F auth.UID"), tag},
		"embedded":               {params("Name") + "type Name string", strings.ReplaceAll(tag, "P.F", "P.")},
		"in a struct":            {params("S []*P2") + "type P2 struct { F string }", strings.ReplaceAll(tag, "P.", "P2.")},
		"in a tagged struct":     {params("S P2 `encore:\"sensitive\"`") + "type P2 struct { F string }", ""},
		"result":                 {"//encore:api private\nfunc A(context.Context) (*P, error)\ntype P struct { F string }", tag},
		"message":                {"var T = pubsub.NewTopic[*P](\"p\", pubsub.TopicConfig{})\ntype P struct { F string }", tag},
		"unknown message":        {"var T = pubsub.NewTopic[other.P](\"p\", pubsub.TopicConfig{})", "other.P: is not known: use a struct of the application"},
		"credentials":            {"//encore:authhandler\nfunc A(ctx context.Context, p *P) (auth.UID, error)\ntype P struct { F string }", tag},
		"auth data":              {"//encore:authhandler\nfunc A(ctx context.Context, t string) (auth.UID, *P, error)\ntype P struct { F string `encore:\"sensitive\"` }", "svc.P.F: is in every trace, whatever its tags"},
		"an endpoint's headers":  {"//encore:api auth path=/a\nfunc A(ctx context.Context) error", "svc.A: is not sensitive: its headers can hold an access token"},
		"a raw endpoint":         {"//encore:api public raw path=/a\nfunc A(w http.ResponseWriter, req *http.Request)", "svc.A: is not sensitive: its headers can hold an access token"},
		"a sensitive endpoint":   {"//encore:api public sensitive raw path=/a\nfunc A(w http.ResponseWriter, req *http.Request)", ""},
		"its parameters as well": {strings.Replace(params("F string"), "private", "auth sensitive path=/a", 1), tag},
	} {
		t.Run(name, func(t *testing.T) {
			found := leaks(read(t, test.code), func(field string) bool { return strings.HasSuffix(field, ".Harmless") })
			if got := strings.Join(found, "\n"); got != test.want {
				t.Errorf("leaks:\n%s\nwant:\n%s", got, test.want)
			}
		})
	}
}
