package main

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"strings"
)

// typeScript writes the types of an application's endpoints in TypeScript. It
// knows what the application uses of Go's types, and fails for any other.
type typeScript struct {
	declarations
	done map[string]bool
	out  bytes.Buffer
}

func (a *app) typeScript() ([]byte, error) {
	w := &typeScript{declarations: a.declared, done: map[string]bool{}}
	w.out.WriteString("// Written by `make types` from the Go code: change it there.\n")
	for _, s := range a.Services {
		for _, e := range s.Endpoints {
			if e.Access == "private" || e.Raw {
				continue
			}
			if err := w.write(e.params, true); err != nil {
				return nil, err
			}
			if err := w.write(e.result, false); err != nil {
				return nil, err
			}
		}
	}
	for _, name := range w.details {
		if err := w.write(name, false); err != nil {
			return nil, err
		}
	}
	return w.out.Bytes(), nil
}

// write writes the interface of a struct, after those of its fields. A pointer
// is a field that a client may leave out of parameters; in a result it is null.
func (w *typeScript) write(name string, isParams bool) error {
	if name == "" || w.done[name] {
		return nil
	}
	w.done[name] = true
	var lines bytes.Buffer
	for _, f := range w.structs[name] {
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

// typeOf returns the TypeScript type of a Go type as Encore writes it in JSON.
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
		if w.structs[name] != nil {
			return interfaceName(name), w.write(name, false)
		}
	case *ast.SelectorExpr:
		if name == "time.Time" {
			return "string", nil
		}
	case *ast.StarExpr:
		ts, err := w.typeOf(pkg, expr.X)
		if w.structs[name] != nil {
			return ts, err // the application never returns nil for a struct
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
