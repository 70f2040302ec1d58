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
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
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
	structs map[string]*ast.StructType // by package and name, as in users.User
	done    map[string]bool
	out     bytes.Buffer
}

func generate(root string) ([]byte, error) {
	packages, err := parse(root)
	if err != nil {
		return nil, err
	}
	g := &generator{structs: map[string]*ast.StructType{}, done: map[string]bool{}}
	g.out.WriteString("// Written by `make types` from the Go code: change it there.\n")
	var endpoints []*ast.FuncDecl
	packageOf := map[*ast.FuncDecl]string{}
	var details []string
	for _, file := range packages {
		name := file.Name.Name
		for _, decl := range file.Decls {
			switch decl := decl.(type) {
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					if spec, ok := spec.(*ast.TypeSpec); ok {
						if s, ok := spec.Type.(*ast.StructType); ok {
							g.structs[name+"."+spec.Name.Name] = s
						}
					}
				}
			case *ast.FuncDecl:
				if isTyped(decl) {
					endpoints = append(endpoints, decl)
					packageOf[decl] = name
				}
				if decl.Name.Name == "ErrDetails" {
					details = append(details, name+"."+typeName(decl.Recv.List[0].Type))
				}
			}
		}
	}
	if len(endpoints) == 0 {
		return nil, fmt.Errorf("there are no endpoints in %s", root)
	}
	for _, e := range endpoints {
		for _, list := range []*ast.FieldList{e.Type.Params, e.Type.Results} {
			for _, field := range list.List {
				if name := typeName(field.Type); g.structs[packageOf[e]+"."+name] != nil {
					if err := g.write(packageOf[e]+"."+name, list == e.Type.Params); err != nil {
						return nil, err
					}
				}
			}
		}
	}
	for _, name := range details {
		if err := g.write(name, false); err != nil {
			return nil, err
		}
	}
	return g.out.Bytes(), nil
}

// parse reads the Go files of the application's own packages, in the order of
// their paths.
func parse(root string) (files []*ast.File, err error) {
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			_, nested := os.Stat(filepath.Join(path, "go.mod"))
			if path != root && (name == "node_modules" || strings.HasPrefix(name, ".") || nested == nil) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || name == "encore.gen.go" {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.SkipObjectResolution)
		files = append(files, file)
		return err
	})
	return files, err
}

// isTyped reports whether the function is an endpoint that a client calls with
// and for values of types.
func isTyped(decl *ast.FuncDecl) bool {
	if decl.Doc == nil {
		return false
	}
	return slices.ContainsFunc(decl.Doc.List, func(c *ast.Comment) bool {
		words := strings.Fields(strings.TrimPrefix(c.Text, "//encore:"))
		return strings.HasPrefix(c.Text, "//encore:api ") && !slices.Contains(words, "private") && !slices.Contains(words, "raw")
	})
}

// write writes the interface of a struct, after those it is made of. What is a
// parameter may be left out where it is a pointer; in an answer that is null.
func (g *generator) write(name string, isParams bool) error {
	if g.done[name] {
		return nil
	}
	g.done[name] = true
	service, _, _ := strings.Cut(name, ".")
	var fields bytes.Buffer
	for _, field := range g.structs[name].Fields.List {
		if len(field.Names) == 0 {
			return fmt.Errorf("%s: embedded fields are not known here", name)
		}
		var tag reflect.StructTag
		if field.Tag != nil {
			text, err := strconv.Unquote(field.Tag.Value)
			if err != nil {
				return err
			}
			tag = reflect.StructTag(text)
		}
		if tag.Get("header") != "" || tag.Get("query") != "" {
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
		for _, fieldName := range field.Names {
			jsonName, _, _ := strings.Cut(tag.Get("json"), ",")
			fmt.Fprintf(&fields, "  %s%s: %s;\n", cmp.Or(jsonName, fieldName.Name), optional, ts)
		}
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
		if g.structs[name] != nil {
			return interfaceName(name), g.write(name, false)
		}
	case *ast.SelectorExpr:
		if x, ok := expr.X.(*ast.Ident); ok && x.Name == "time" && expr.Sel.Name == "Time" {
			return "string", nil
		}
	case *ast.StarExpr:
		ts, err := g.typeOf(service, expr.X)
		if g.structs[service+"."+typeName(expr)] != nil {
			return ts, err // the application answers no nil where a struct belongs
		}
		return ts + " | null", err
	case *ast.ArrayType:
		ts, err := g.typeOf(service, expr.Elt)
		return ts + "[]", err
	}
	return "", fmt.Errorf("the type %T is not known here", expr)
}

// typeName returns the name of a type or of what it points to.
func typeName(expr ast.Expr) string {
	if star, ok := expr.(*ast.StarExpr); ok {
		expr = star.X
	}
	if ident, ok := expr.(*ast.Ident); ok {
		return ident.Name
	}
	return ""
}

// interfaceName is users.User as UsersUser.
func interfaceName(name string) string {
	service, rest, _ := strings.Cut(name, ".")
	return strings.ToUpper(service[:1]) + service[1:] + rest
}
