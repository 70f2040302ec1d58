package main

import (
	"fmt"
	"go/ast"
	"go/types"
	"path"
	"slices"
	"strconv"
	"strings"
)

// caller is a function by which other packages call an endpoint that is a
// method of a service struct. Encore writes such functions too.
type caller struct {
	Name, Receiver  string
	Params, Results string // with their types
	Arguments       string // the names of Params
	Assigned        string // the names of Results
	imports         []string
}

func newCaller(decl *ast.FuncDecl, imports []*ast.ImportSpec) caller {
	c := caller{Name: decl.Name.Name, Receiver: types.ExprString(decl.Recv.List[0].Type)}
	var params, arguments, results, assigned []string
	for i, t := range fieldTypes(decl.Type.Params) {
		name := fmt.Sprintf("p%d", i)
		params, arguments = append(params, name+" "+types.ExprString(t)), append(arguments, name)
	}
	for i, t := range fieldTypes(decl.Type.Results) {
		name := fmt.Sprintf("r%d", i)
		if i == decl.Type.Results.NumFields()-1 {
			name = "err"
		}
		results, assigned = append(results, name+" "+types.ExprString(t)), append(assigned, name)
	}
	c.Params, c.Arguments = strings.Join(params, ", "), strings.Join(arguments, ", ")
	c.Results, c.Assigned = strings.Join(results, ", "), strings.Join(assigned, ", ")

	ast.Inspect(decl.Type, func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok {
			c.imports = append(c.imports, importOf(selector.X.(*ast.Ident).Name, imports))
		}
		return true
	})
	return c
}

// fieldTypes returns the type of each parameter or result.
func fieldTypes(list *ast.FieldList) []ast.Expr {
	var all []ast.Expr
	for _, field := range list.List {
		for range max(len(field.Names), 1) {
			all = append(all, field.Type)
		}
	}
	return all
}

// importOf returns the import of the package of that name.
func importOf(name string, imports []*ast.ImportSpec) string {
	for _, spec := range imports {
		if spec.Name != nil && spec.Name.Name == name {
			return name + " " + spec.Path.Value
		}
		if importPath, err := strconv.Unquote(spec.Path.Value); err == nil && spec.Name == nil && path.Base(importPath) == name {
			return spec.Path.Value
		}
	}
	return strconv.Quote(name) // the Go compiler will say what is missing
}

// Imports returns what the generated functions import.
func (s *service) Imports() []string {
	var all []string
	for _, c := range s.Callers {
		all = append(all, c.imports...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
