package source

import (
	"reflect"
	"testing"
	"testing/fstest"
)

func TestRead(t *testing.T) {
	app, err := Read(fstest.MapFS{
		"todos/todos.go": {Data: []byte(`package todos

// List lists.
//
//encore:api auth sensitive method=GET path=/todos/:id tag:a tag:b
func (s *Service) List(ctx context.Context, id int64, p *ListParams) (*ListResponse, error) { return nil, nil }

//encore:api public raw path=/hook
func Hook(w http.ResponseWriter, req *http.Request) {}

// encore:api is no directive with a space before it.
func Other(p *ListParams) {}

type ListParams struct {
	A, B string ` + "`query:\"a\"`" + `
}

type ListResponse struct{}

type Full struct{}

func (*Full) ErrDetails() {}

var Gone = pubsub.NewTopic[*ListParams]("gone", pubsub.TopicConfig{})
`)},
		"todos/more/more.go": {Data: []byte("package more\n\n//encore:api\nfunc More() {}\n")},
		"auth/auth.go": {Data: []byte(`package auth

//encore:authhandler
func Handle(ctx context.Context, c *Credentials) (auth.UID, *Data, error) { return "", nil, nil }

type (
	Credentials struct{ Authorization string }
	Data struct{}
)
`)},
		// What Encore leaves out.
		"todos/todos_test.go": {Data: []byte("package todos\n\n//encore:api\nfunc Test() {}\n")},
		"todos/encore.gen.go": {Data: []byte("package todos\n\n//encore:api\nfunc Gen() {}\n")},
		".hidden/a.go":        {Data: []byte("package a\n\n//encore:api\nfunc Hidden() {}\n")},
		"node_modules/b/b.go": {Data: []byte("package b\n\n//encore:api\nfunc Modules() {}\n")},
		"tools/go.mod":        {Data: []byte("module tools\n")},
		"tools/c/c.go":        {Data: []byte("package c\n\n//encore:api\nfunc Tools() {}\n")},
		"README.md":           {Data: []byte("//encore:api")},
	})
	if err != nil {
		t.Fatal(err)
	}
	wantEndpoints := []Endpoint{
		{Service: "todos", Name: "More", Access: "private"},
		{Service: "todos", Name: "List", Access: "auth", Sensitive: true, Tags: []string{"a", "b"}, Params: "todos.ListParams", Result: "todos.ListResponse"},
		{Service: "todos", Name: "Hook", Access: "public", Raw: true},
	}
	if !reflect.DeepEqual(app.Endpoints, wantEndpoints) {
		t.Errorf("endpoints %+v, want %+v", app.Endpoints, wantEndpoints)
	}
	if app.AuthParams != "auth.Credentials" || app.AuthData != "auth.Data" {
		t.Errorf("the auth handler takes %q and returns %q", app.AuthParams, app.AuthData)
	}
	if want := []string{"todos.ListParams"}; !reflect.DeepEqual(app.Messages, want) {
		t.Errorf("messages %v, want %v", app.Messages, want)
	}
	if want := []string{"todos.Full"}; !reflect.DeepEqual(app.Details, want) {
		t.Errorf("details %v, want %v", app.Details, want)
	}
	fields := app.Structs["todos.ListParams"]
	if len(fields) != 2 || fields[1].Name != "B" || fields[1].Tag.Get("query") != "a" || TypeName("todos", fields[1].Type) != "todos.string" {
		t.Errorf("fields %+v", fields)
	}
}
