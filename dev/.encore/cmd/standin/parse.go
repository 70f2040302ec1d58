package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/modfile"
)

// app is an Encore application.
type app struct {
	root     string
	module   string
	fset     *token.FileSet
	packages []*service
	Services []*service // the packages with directives
	structs
}

// service is a package of the application.
type service struct {
	dir, Name, ImportPath string
	files                 []*ast.File
	StructName            string
	HasInit               bool
	AuthHandler           *function
	Middleware            []function
	Endpoints             []endpoint
	Secrets               []string
}

// function is a function or method.
type function struct {
	Name, Receiver string
}

type endpoint struct {
	function
	Access, Path   string
	Methods, Tags  []string
	Raw, Sensitive bool
	params, result string // the structs that it takes and returns, or ""
	signature      *ast.FuncType
	imports        map[string]string
}

// parseApp parses the packages that Encore would parse.
func parseApp(root string) (*app, error) {
	data, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return nil, err
	}
	a := &app{root: root, module: modfile.ModulePath(data), fset: token.NewFileSet()}
	err = filepath.WalkDir(root, func(dir string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		isOther := entry.Name() == "node_modules" || strings.HasPrefix(entry.Name(), ".") || exists(filepath.Join(dir, "go.mod"))
		if dir != root && isOther {
			return filepath.SkipDir
		}
		return a.parsePackage(dir)
	})
	if err != nil {
		return nil, err
	}
	a.structs = structsOf(a.packages)
	for _, s := range a.packages {
		if err := a.parseDirectives(s); err != nil {
			return nil, err
		}
	}
	return a, a.checkImports()
}

func (a *app) parsePackage(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return err
	}
	rel, err := filepath.Rel(a.root, dir)
	if err != nil {
		return err
	}
	s := &service{dir: dir, ImportPath: path.Join(a.module, filepath.ToSlash(rel))}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || filepath.Base(name) == "encore.gen.go" {
			continue
		}
		file, err := parser.ParseFile(a.fset, name, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		s.Name, s.files = file.Name.Name, append(s.files, file)
	}
	if len(s.files) > 0 {
		a.packages = append(a.packages, s)
	}
	return nil
}

// parseDirectives adds a package to the services if it has a directive.
func (a *app) parseDirectives(s *service) error {
	isService := false
	for _, file := range s.files {
		for _, decl := range file.Decls {
			found, err := a.parseDirective(s, decl, importsOf(file))
			if err != nil {
				return fmt.Errorf("%s: %w", a.fset.Position(decl.Pos()), err)
			}
			isService = isService || found
		}
	}
	if isService {
		a.Services = append(a.Services, s)
	}
	return nil
}

func (a *app) parseDirective(s *service, decl ast.Decl, imports map[string]string) (found bool, err error) {
	switch decl := decl.(type) {
	case *ast.GenDecl:
		if spec, ok := decl.Specs[0].(*ast.ValueSpec); ok && decl.Tok == token.VAR && spec.Names[0].Name == "secrets" {
			s.Secrets, err = secretsOf(spec)
			return true, err
		}
		name, _ := directive(decl.Doc)
		if name == "service" {
			s.StructName = decl.Specs[0].(*ast.TypeSpec).Name.Name
		} else if name != "" {
			return true, unsupported(name)
		}
		return name != "", nil
	case *ast.FuncDecl:
		f := function{Name: decl.Name.Name}
		if decl.Recv != nil {
			f.Receiver = types.ExprString(decl.Recv.List[0].Type)
		}
		s.HasInit = s.HasInit || f == function{Name: "initService"}
		name, fields := directive(decl.Doc)
		params, result := a.structIn(s.Name, decl.Type.Params), a.structIn(s.Name, decl.Type.Results)
		switch name {
		case "":
			return false, nil
		case "authhandler":
			s.AuthHandler, a.authParams, a.authData = &f, params, result
		case "middleware":
			if strings.Join(fields, " ") != "global target=all" || decl.Recv != nil {
				return true, errors.New("the stand-in supports only functions with //encore:middleware global target=all")
			}
			s.Middleware = append(s.Middleware, f)
		case "api":
			e := endpoint{function: f, signature: decl.Type, imports: imports, params: params, result: result}
			err = e.parseFields(s.Name, fields)
			s.Endpoints = append(s.Endpoints, e)
		default:
			err = unsupported(name)
		}
		return true, err
	}
	return false, nil
}

func unsupported(name string) error {
	return fmt.Errorf("the stand-in doesn't support //encore:%s here", name)
}

// secretsOf returns the names of the secrets.
func secretsOf(spec *ast.ValueSpec) (names []string, err error) {
	fields, ok := spec.Type.(*ast.StructType)
	if !ok || len(spec.Values) > 0 {
		return nil, errors.New("secrets must be an inline struct without a value")
	}
	for _, field := range fields.Fields.List {
		for _, name := range field.Names {
			names = append(names, name.Name)
		}
	}
	return names, nil
}

// allMethods are the methods of a raw endpoint that names none.
var allMethods = []string{"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}

// parseFields parses the fields of //encore:api.
func (e *endpoint) parseFields(service string, fields []string) error {
	e.Access, e.Path, e.Methods = "private", "/"+service+"."+e.Name, []string{"POST"}
	if len(e.signature.Params.List) == 1 {
		e.Methods = []string{"GET", "POST"}
	}
	if slices.Contains(fields, "raw") {
		e.Raw, e.Methods = true, allMethods
	}
	for _, field := range fields {
		if tag, ok := strings.CutPrefix(field, "tag:"); ok {
			e.Tags = append(e.Tags, tag)
			continue
		}
		switch key, value, _ := strings.Cut(field, "="); key {
		case "public", "auth", "private":
			e.Access = key
		case "raw":
		case "sensitive":
			e.Sensitive = true
		case "path":
			e.Path = value
		case "method":
			e.Methods = strings.Split(value, ",")
		default:
			return fmt.Errorf("the stand-in doesn't support %q in //encore:api", field)
		}
	}
	slices.Sort(e.Tags)
	return nil
}

// directive returns the name and the fields of an //encore: comment.
func directive(doc *ast.CommentGroup) (name string, fields []string) {
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

// importsOf returns the import paths of a file by the names of the packages.
func importsOf(file *ast.File) map[string]string {
	imports := map[string]string{}
	for _, spec := range file.Imports {
		importPath, _ := strconv.Unquote(spec.Path.Value)
		name := path.Base(importPath)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		imports[name] = importPath
	}
	return imports
}
