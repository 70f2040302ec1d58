package main

import (
	"go/ast"
	"reflect"
	"strconv"
	"strings"
)

// declarations are the types of an application. They are named with their
// package, as in "users.User".
type declarations struct {
	structs map[string][]field
	// messages are the types of the messages of topics, details those that errors
	// carry to clients.
	messages, details []string
	// authParams and authData are the structs that the auth handler takes and
	// returns, or "".
	authParams, authData string
}

// field is a field of a struct. An embedded one has no name.
type field struct {
	name string
	expr ast.Expr
	tag  reflect.StructTag
}

func declarationsOf(packages []*goPackage) declarations {
	d := declarations{structs: map[string][]field{}}
	for _, p := range packages {
		for _, file := range p.files {
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.TypeSpec:
					if s, ok := n.Type.(*ast.StructType); ok {
						d.structs[p.name+"."+n.Name.Name] = fieldsOf(s)
					}
				case *ast.FuncDecl:
					if n.Name.Name == "ErrDetails" && n.Recv != nil {
						d.details = append(d.details, typeName(p.name, n.Recv.List[0].Type))
					}
				case *ast.IndexExpr:
					if typeName(p.name, n.X) == "pubsub.NewTopic" {
						d.messages = append(d.messages, typeName(p.name, n.Index))
					}
				}
				return true
			})
		}
	}
	return d
}

func fieldsOf(s *ast.StructType) []field {
	all := []field{}
	for _, f := range s.Fields.List {
		var tag reflect.StructTag
		if f.Tag != nil {
			text, _ := strconv.Unquote(f.Tag.Value) // the parser has read it
			tag = reflect.StructTag(text)
		}
		if len(f.Names) == 0 {
			all = append(all, field{"", f.Type, tag})
		}
		for _, name := range f.Names {
			all = append(all, field{name.Name, f.Type, tag})
		}
	}
	return all
}

// structIn returns the last type of the list that is a struct of the
// application, or "".
func (d *declarations) structIn(pkg string, list *ast.FieldList) (name string) {
	if list == nil {
		return ""
	}
	for _, f := range list.List {
		if found := typeName(pkg, f.Type); d.structs[found] != nil {
			name = found
		}
	}
	return name
}

// typeName returns the name of a type in the package or of what it points to, or
// "" if it has none.
func typeName(pkg string, expr ast.Expr) string {
	switch expr := expr.(type) {
	case *ast.StarExpr:
		return typeName(pkg, expr.X)
	case *ast.Ident:
		return pkg + "." + expr.Name
	case *ast.SelectorExpr:
		if x, ok := expr.X.(*ast.Ident); ok {
			return x.Name + "." + expr.Sel.Name
		}
	}
	return ""
}

// packageOf returns the package that a type is named with.
func packageOf(name string) string {
	pkg, _, _ := strings.Cut(name, ".")
	return pkg
}
