// Package source reads what the application's Go code declares to Encore: its
// endpoints, and the types of what goes into them and comes out. It is for tests
// and tools.
package source

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"reflect"
	"strconv"
	"strings"
)

// App is what an application declares. Types are named with their package, as in
// "users.User".
type App struct {
	Endpoints []Endpoint
	// AuthParams and AuthData are the types of what the auth handler takes and
	// returns. They are empty if there is none, or if it isn't a struct.
	AuthParams, AuthData string
	// Messages are the types of the messages of topics.
	Messages []string
	// Details are the types of what errors carry to clients.
	Details []string
	// Structs are the fields of struct types.
	Structs map[string][]Field
}

// Endpoint is what the directive and the signature of an endpoint say.
type Endpoint struct {
	Service, Name  string
	Access         string // public, auth or private
	Raw, Sensitive bool
	Tags           []string
	// Params and Result are the types of the struct that it takes and of the one
	// that it returns, or "".
	Params, Result string
}

// Field is a field of a struct.
type Field struct {
	Name string
	Type ast.Expr
	Tag  reflect.StructTag
}

// Read reads the packages of the application that Encore reads.
func Read(root fs.FS) (*App, error) {
	a := &App{Structs: map[string][]Field{}}
	var files []*file
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name == "." {
				return nil
			}
			_, err := fs.Stat(root, path.Join(name, "go.mod"))
			if err == nil || strings.HasPrefix(entry.Name(), ".") || entry.Name() == "node_modules" {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || entry.Name() == "encore.gen.go" {
			return nil
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		// What is below a service's folder belongs to it.
		service, _, _ := strings.Cut(name, "/")
		files = append(files, &file{parsed, service, parsed.Name.Name})
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if err := a.addStructs(f); err != nil {
			return nil, err
		}
	}
	for _, f := range files {
		a.addFunctions(f)
	}
	return a, nil
}

// file is a Go file of the application.
type file struct {
	*ast.File
	service, pkg string
}

func (a *App) addStructs(f *file) (err error) {
	ast.Inspect(f.File, func(node ast.Node) bool {
		spec, ok := node.(*ast.TypeSpec)
		if !ok || err != nil {
			return err == nil
		}
		if s, ok := spec.Type.(*ast.StructType); ok {
			a.Structs[f.pkg+"."+spec.Name.Name], err = fields(s)
		}
		return false
	})
	return err
}

// fields returns the fields of a struct. An embedded one has no name.
func fields(s *ast.StructType) ([]Field, error) {
	all := []Field{}
	for _, field := range s.Fields.List {
		var tag reflect.StructTag
		if field.Tag != nil {
			text, err := strconv.Unquote(field.Tag.Value)
			if err != nil {
				return nil, err
			}
			tag = reflect.StructTag(text)
		}
		if len(field.Names) == 0 {
			all = append(all, Field{"", field.Type, tag})
		}
		for _, name := range field.Names {
			all = append(all, Field{name.Name, field.Type, tag})
		}
	}
	return all, nil
}

func (a *App) addFunctions(f *file) {
	for _, decl := range f.Decls {
		function, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if function.Name.Name == "ErrDetails" && function.Recv != nil {
			a.Details = append(a.Details, f.typeName(function.Recv.List[0].Type))
		}
		switch name, words := directive(function.Doc); name {
		case "api":
			a.Endpoints = append(a.Endpoints, a.endpoint(f, function, words))
		case "authhandler":
			a.AuthParams = a.lastStruct(f, function.Type.Params)
			a.AuthData = a.lastStruct(f, function.Type.Results)
		}
	}
	ast.Inspect(f.File, func(node ast.Node) bool {
		if call, ok := node.(*ast.IndexExpr); ok && f.typeName(call.X) == "pubsub.NewTopic" {
			a.Messages = append(a.Messages, f.typeName(call.Index))
		}
		return true
	})
}

func (a *App) endpoint(f *file, function *ast.FuncDecl, words []string) Endpoint {
	e := Endpoint{
		Service: f.service, Name: function.Name.Name, Access: "private",
		Params: a.lastStruct(f, function.Type.Params), Result: a.lastStruct(f, function.Type.Results),
	}
	for _, word := range words {
		tag, isTag := strings.CutPrefix(word, "tag:")
		switch {
		case isTag:
			e.Tags = append(e.Tags, tag)
		case word == "raw":
			e.Raw = true
		case word == "sensitive":
			e.Sensitive = true
		case word == "auth" || word == "public":
			e.Access = word
		}
	}
	return e
}

// directive returns the name and the words of an //encore: comment.
func directive(doc *ast.CommentGroup) (name string, words []string) {
	if doc == nil {
		return "", nil
	}
	for _, comment := range doc.List {
		if text, ok := strings.CutPrefix(comment.Text, "//encore:"); ok {
			words := strings.Fields(text)
			return words[0], words[1:]
		}
	}
	return "", nil
}

// lastStruct returns the last type of the list that is a struct of the
// application, or "".
func (a *App) lastStruct(f *file, list *ast.FieldList) (name string) {
	if list == nil {
		return ""
	}
	for _, field := range list.List {
		if found := f.typeName(field.Type); a.Structs[found] != nil {
			name = found
		}
	}
	return name
}

func (f *file) typeName(expr ast.Expr) string { return TypeName(f.pkg, expr) }

// TypeName returns the name, with its package, of a type in the package or of
// what it points to, or "" if it has none.
func TypeName(pkg string, expr ast.Expr) string {
	switch expr := expr.(type) {
	case *ast.StarExpr:
		return TypeName(pkg, expr.X)
	case *ast.Ident:
		return pkg + "." + expr.Name
	case *ast.SelectorExpr:
		if x, ok := expr.X.(*ast.Ident); ok {
			return fmt.Sprintf("%s.%s", x.Name, expr.Sel.Name)
		}
	}
	return ""
}
