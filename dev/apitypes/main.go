// Command apitypes writes the TypeScript types of the application's endpoints
// to standard output, read from the Go code. Run it in the application's folder:
//
//	go run ./dev/apitypes > frontend/src/features/api/types.gen.ts
//
// It knows what the application uses of Go's types and fails on all else.
package main

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"os"
	"strings"

	"encore.app/dev/source"
)

func main() {
	types, err := generate(".")
	if err != nil {
		fmt.Fprintln(os.Stderr, "apitypes:", err)
		os.Exit(1)
	}
	os.Stdout.Write(types)
}

// generator collects the interfaces that the endpoints need.
type generator struct {
	app  *source.App
	done map[string]bool
	out  bytes.Buffer
}

func generate(root string) ([]byte, error) {
	app, err := source.Read(os.DirFS(root))
	if err != nil {
		return nil, err
	}
	if len(app.Endpoints) == 0 {
		return nil, fmt.Errorf("there are no endpoints in %s", root)
	}
	g := &generator{app: app, done: map[string]bool{}}
	g.out.WriteString("// Written by `make types` from the Go code: change it there.\n")
	for _, e := range app.Endpoints {
		if e.Access == "private" || e.Raw {
			continue
		}
		if err := g.write(e.Params, true); err != nil {
			return nil, err
		}
		if err := g.write(e.Result, false); err != nil {
			return nil, err
		}
	}
	for _, name := range app.Details {
		if err := g.write(name, false); err != nil {
			return nil, err
		}
	}
	return g.out.Bytes(), nil
}

// write writes the interface of a struct, after those it is made of. What is a
// parameter may be left out where it is a pointer; in an answer that is null.
func (g *generator) write(name string, isParams bool) error {
	if name == "" || g.done[name] {
		return nil
	}
	g.done[name] = true
	service, _, _ := strings.Cut(name, ".")
	var fields bytes.Buffer
	for _, field := range g.app.Structs[name] {
		if field.Name == "" {
			return fmt.Errorf("%s: embedded fields are not known here", name)
		}
		if field.Tag.Get("header") != "" || field.Tag.Get("query") != "" {
			continue // it is no part of the body
		}
		star, isPointer := field.Type.(*ast.StarExpr)
		fieldType, optional := field.Type, ""
		if isPointer && isParams {
			fieldType, optional = star.X, "?"
		}
		ts, err := g.typeOf(service, fieldType)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		jsonName, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		fmt.Fprintf(&fields, "  %s%s: %s;\n", cmp.Or(jsonName, field.Name), optional, ts)
	}
	if fields.Len() > 0 {
		fmt.Fprintf(&g.out, "\nexport interface %s {\n%s}\n", interfaceName(name), &fields)
	}
	return nil
}

// typeOf returns the TypeScript type of what Encore makes of a Go type in JSON.
func (g *generator) typeOf(service string, expr ast.Expr) (string, error) {
	switch expr := expr.(type) {
	case *ast.Ident:
		switch expr.Name {
		case "string":
			return "string", nil
		case "bool":
			return "boolean", nil
		case "int", "int64":
			return "number", nil
		}
		name := service + "." + expr.Name
		if g.app.Structs[name] != nil {
			return interfaceName(name), g.write(name, false)
		}
	case *ast.SelectorExpr:
		if x, ok := expr.X.(*ast.Ident); ok && x.Name == "time" && expr.Sel.Name == "Time" {
			return "string", nil
		}
	case *ast.StarExpr:
		ts, err := g.typeOf(service, expr.X)
		if g.app.Structs[source.TypeName(service, expr)] != nil {
			return ts, err // the application answers no nil where a struct belongs
		}
		return ts + " | null", err
	case *ast.ArrayType:
		ts, err := g.typeOf(service, expr.Elt)
		return ts + "[]", err
	}
	return "", fmt.Errorf("the type %T is not known here", expr)
}

// interfaceName is users.User as UsersUser.
func interfaceName(name string) string {
	service, rest, _ := strings.Cut(name, ".")
	return strings.ToUpper(service[:1]) + service[1:] + rest
}
