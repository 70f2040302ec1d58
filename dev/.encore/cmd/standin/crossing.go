package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strconv"
)

// checkCrossings returns an error if a service uses a function or a variable of
// another that is neither an endpoint nor a topic. Encore may run the two in
// processes of their own, where the other's variables are copies that nobody sets.
func (a *app) checkCrossings() error {
	withheld := make(map[string][]string) // from others, by import path
	for _, s := range a.Services {
		if len(s.Middleware) > 0 {
			continue // not a service: it goes with those that it is for
		}
		for _, file := range s.files {
			for _, decl := range file.Decls {
				withheld[s.ImportPath] = append(withheld[s.ImportPath], valuesOf(decl)...)
			}
		}
	}
	for _, s := range a.Services {
		for _, file := range s.files {
			for _, use := range usesOf(file) {
				if slices.Contains(withheld[use.importPath], use.Sel.Name) {
					return fmt.Errorf("%s: %s is neither an endpoint nor a topic: services know each other by API calls and topics only",
						a.fset.Position(use.Pos()), types.ExprString(use.SelectorExpr))
				}
			}
		}
	}
	return nil
}

// valuesOf returns the functions and variables of a declaration that are neither
// endpoints nor topics.
func valuesOf(decl ast.Decl) (names []string) {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		if name, _ := directive(decl.Doc); decl.Recv == nil && name != "api" {
			names = append(names, decl.Name.Name)
		}
	case *ast.GenDecl:
		if decl.Tok != token.VAR {
			return nil
		}
		for _, spec := range decl.Specs {
			spec := spec.(*ast.ValueSpec)
			for i, name := range spec.Names {
				if i >= len(spec.Values) || !isTopic(spec.Values[i]) {
					names = append(names, name.Name)
				}
			}
		}
	}
	return names
}

// isTopic reports whether the expression makes a topic.
func isTopic(value ast.Expr) bool {
	call, ok := value.(*ast.CallExpr)
	if !ok {
		return false
	}
	if generic, ok := call.Fun.(*ast.IndexExpr); ok { // with the type of its messages
		call = &ast.CallExpr{Fun: generic.X}
	}
	return types.ExprString(call.Fun) == "pubsub.NewTopic"
}

// use is one of a name of another package.
type use struct {
	*ast.SelectorExpr
	importPath string
}

func usesOf(file *ast.File) (uses []use) {
	imports := make(map[string]string) // paths by the names they go by
	for _, spec := range file.Imports {
		importPath, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the Go compiler will say what is wrong
		}
		name := path.Base(importPath) // as a service's package is called
		if spec.Name != nil {
			name = spec.Name.Name
		}
		imports[name] = importPath
	}
	ast.Inspect(file, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		// An identifier with an object is a variable of the same name.
		if name, ok := selector.X.(*ast.Ident); ok && name.Obj == nil && imports[name.Name] != "" {
			uses = append(uses, use{selector, imports[name.Name]})
		}
		return true
	})
	return uses
}
