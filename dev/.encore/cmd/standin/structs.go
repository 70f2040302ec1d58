package main

import (
	"go/ast"
	"reflect"
	"strconv"
	"strings"
)

// structs are the structs of an application and what they are used for. Their
// names include the package, as in "users.User".
type structs struct {
	fields               map[string][]field
	messages             []string // of topics
	details              []string // of errors
	authParams, authData string
}

// field is a field of a struct. An embedded one has no name.
type field struct {
	name string
	expr ast.Expr
	tag  reflect.StructTag
}

func structsOf(packages []*service) structs {
	all := structs{fields: map[string][]field{}}
	for _, p := range packages {
		for _, file := range p.files {
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.TypeSpec:
					if s, ok := n.Type.(*ast.StructType); ok {
						all.fields[p.Name+"."+n.Name.Name] = fieldsOf(s)
					}
				case *ast.FuncDecl:
					if n.Name.Name == "ErrDetails" && n.Recv != nil {
						all.details = append(all.details, typeName(p.Name, n.Recv.List[0].Type))
					}
				case *ast.IndexExpr:
					if typeName(p.Name, n.X) == "pubsub.NewTopic" {
						all.messages = append(all.messages, typeName(p.Name, n.Index))
					}
				}
				return true
			})
		}
	}
	return all
}

func fieldsOf(s *ast.StructType) []field {
	all := []field{}
	for _, f := range s.Fields.List {
		var tag reflect.StructTag
		if f.Tag != nil {
			text, _ := strconv.Unquote(f.Tag.Value)
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

// structIn returns the last struct in a list of parameters or results, or "".
func (s *structs) structIn(pkg string, list *ast.FieldList) (name string) {
	if list == nil {
		return ""
	}
	for _, f := range list.List {
		if found := typeName(pkg, f.Type); s.fields[found] != nil {
			name = found
		}
	}
	return name
}

// typeName returns the name of a type or of what it points to, or "".
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

// packageOf returns the package in the name of a type.
func packageOf(name string) string {
	pkg, _, _ := strings.Cut(name, ".")
	return pkg
}
