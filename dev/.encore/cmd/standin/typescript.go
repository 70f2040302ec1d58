package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"strings"
)

// typeScript writes the types of the endpoints in TypeScript. It supports the Go
// types that the application uses.
type typeScript struct {
	structs
	done map[string]bool
	out  bytes.Buffer
}

func (a *app) typeScript() ([]byte, error) {
	w := &typeScript{structs: a.structs, done: map[string]bool{}}
	w.out.WriteString("// Written by `make types` from the Go code: change it there.\n")
	var all []error
	for _, s := range a.Services {
		for _, e := range s.Endpoints {
			if e.Access != "private" && !e.Raw {
				all = append(all, w.write(e.params, true), w.write(e.result, false))
			}
		}
	}
	for _, name := range w.details {
		all = append(all, w.write(name, false))
	}
	return w.out.Bytes(), errors.Join(all...)
}

// write writes the interface of a struct, after those of its fields. A pointer may
// be left out of parameters. In a result it may be null.
func (w *typeScript) write(name string, isParams bool) error {
	if name == "" || w.done[name] {
		return nil
	}
	w.done[name] = true
	var lines bytes.Buffer
	for _, f := range w.fields[name] {
		if f.name == "" {
			return fmt.Errorf("%s: embedded fields are not supported", name)
		}
		if f.tag.Get("header") != "" || f.tag.Get("query") != "" {
			continue // not in the body
		}
		star, isPointer := f.expr.(*ast.StarExpr)
		expr, optional := f.expr, ""
		if isPointer && isParams {
			expr, optional = star.X, "?"
		}
		ts, err := w.typeOf(packageOf(name), expr)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		jsonName, _, _ := strings.Cut(f.tag.Get("json"), ",")
		fmt.Fprintf(&lines, "  %s%s: %s;\n", cmp.Or(jsonName, f.name), optional, ts)
	}
	if lines.Len() > 0 {
		fmt.Fprintf(&w.out, "\nexport interface %s {\n%s}\n", interfaceName(name), &lines)
	}
	return nil
}

// typeOf returns the TypeScript type for a Go type.
func (w *typeScript) typeOf(pkg string, expr ast.Expr) (string, error) {
	name := typeName(pkg, expr)
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
		if w.fields[name] != nil {
			return interfaceName(name), w.write(name, false)
		}
	case *ast.SelectorExpr:
		if name == "time.Time" {
			return "string", nil
		}
	case *ast.StarExpr:
		ts, err := w.typeOf(pkg, expr.X)
		if w.fields[name] != nil {
			return ts, err // the application returns no nil structs
		}
		return ts + " | null", err
	case *ast.ArrayType:
		ts, err := w.typeOf(pkg, expr.Elt)
		return ts + "[]", err
	}
	return "", fmt.Errorf("the type %T is not supported", expr)
}

// interfaceName turns users.User into UsersUser.
func interfaceName(name string) string {
	pkg, rest, _ := strings.Cut(name, ".")
	return strings.ToUpper(pkg[:1]) + pkg[1:] + rest
}
