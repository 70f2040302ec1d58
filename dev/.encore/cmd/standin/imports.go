package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// checkImports returns an error if a service uses a function or variable of another
// that is neither an endpoint nor a topic. Encore can run the two in processes of
// their own, and then each has its own copy of the variables.
func (a *app) checkImports() error {
	internal := map[string][]string{} // functions and variables by import path
	for _, s := range a.Services {
		if len(s.Middleware) > 0 {
			continue // runs in the process of each service
		}
		for _, file := range s.files {
			for _, decl := range file.Decls {
				internal[s.ImportPath] = append(internal[s.ImportPath], internalNames(decl)...)
			}
		}
	}
	for _, s := range a.Services {
		for _, file := range s.files {
			if err := a.checkUses(file, internal); err != nil {
				return err
			}
		}
	}
	return nil
}

// internalNames returns the functions and variables that are neither endpoints nor topics.
func internalNames(decl ast.Decl) (names []string) {
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
				if i >= len(spec.Values) || !strings.HasPrefix(types.ExprString(spec.Values[i]), "pubsub.NewTopic[") {
					names = append(names, name.Name)
				}
			}
		}
	}
	return names
}

// checkUses returns an error if the file uses one of the names.
func (a *app) checkUses(file *ast.File, names map[string][]string) (err error) {
	imports := importsOf(file)
	ast.Inspect(file, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		// An identifier with an object is a variable with the name of a package.
		x, ok := selector.X.(*ast.Ident)
		if ok && x.Obj == nil && slices.Contains(names[imports[x.Name]], selector.Sel.Name) {
			err = fmt.Errorf("%s: %s is neither an endpoint nor a topic: services use only these of each other",
				a.fset.Position(selector.Pos()), types.ExprString(selector))
		}
		return true
	})
	return err
}
