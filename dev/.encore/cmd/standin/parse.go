package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// app is what the directives of an application say.
type app struct {
	root     string
	module   string
	Services []*service
	packages []*goPackage
	fset     *token.FileSet
	declared declarations
}

// goPackage is a package of the application, with or without directives.
type goPackage struct {
	dir, name string
	files     []*ast.File // but for tests and what is generated
}

// service is a package with directives.
type service struct {
	*goPackage
	ImportPath           string
	Name                 string
	StructName, InitFunc string
	AuthHandler          *function
	Middleware           []function
	Endpoints            []endpoint
	Callers              []caller
	Secrets              []string
}

type endpoint struct {
	function
	Access, Path   string
	Methods, Tags  []string
	Raw, Sensitive bool
	params, result string // the structs that it takes and returns, or ""
}

// function is a function of the application.
type function struct {
	Name string
	Expr string // the Go expression of it: for a method, its method expression
}

// parseApp reads the packages of the application that Encore would read.
func parseApp(root string) (*app, error) {
	data, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return nil, err
	}
	a := &app{root: root, module: modfile.ModulePath(data), fset: token.NewFileSet()}
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if path != root && (entry.Name() == "node_modules" || strings.HasPrefix(entry.Name(), ".") || isModule(path)) {
			return filepath.SkipDir
		}
		return a.parsePackage(path)
	})
	if err != nil {
		return nil, err
	}
	a.declared = declarationsOf(a.packages)
	for _, p := range a.packages {
		if err := a.addService(p); err != nil {
			return nil, err
		}
	}
	if err := a.checkMiddleware(); err != nil {
		return nil, err
	}
	return a, a.checkCrossings()
}

// checkMiddleware returns an error if a middleware is where Encore refuses it.
func (a *app) checkMiddleware() error {
	for _, m := range a.Services {
		for _, s := range a.Services {
			within := m == s || strings.HasPrefix(m.dir, s.dir+string(filepath.Separator))
			if len(m.Middleware) > 0 && within && len(s.Endpoints) > 0 {
				return fmt.Errorf("%s: global middleware can't be in a service: put it in a folder of its own", m.dir)
			}
		}
	}
	return nil
}

func isModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

// sourceFiles returns the Go files of a folder, but for tests and what is generated.
func sourceFiles(dir string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	return slices.DeleteFunc(files, func(file string) bool {
		return strings.HasSuffix(file, "_test.go") || filepath.Base(file) == "encore.gen.go"
	}), err
}

// parsePackage parses the package in the folder, if it holds one.
func (a *app) parsePackage(dir string) error {
	files, err := sourceFiles(dir)
	if err != nil || len(files) == 0 {
		return err
	}
	p := &goPackage{dir: dir}
	for _, name := range files {
		file, err := parser.ParseFile(a.fset, name, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		p.name, p.files = file.Name.Name, append(p.files, file)
	}
	a.packages = append(a.packages, p)
	return nil
}

// addService adds the package to the services if it has a directive.
func (a *app) addService(p *goPackage) error {
	rel, err := filepath.Rel(a.root, p.dir)
	if err != nil {
		return err
	}
	s := &service{goPackage: p, ImportPath: a.module + "/" + filepath.ToSlash(rel), Name: p.name}
	found := false
	for _, file := range p.files {
		for _, decl := range file.Decls {
			ok, err := a.add(s, decl, file.Imports)
			if err != nil {
				return fmt.Errorf("%s: %w", a.fset.Position(decl.Pos()), err)
			}
			found = found || ok
		}
	}
	if found {
		a.Services = append(a.Services, s)
	}
	return nil
}

// add adds a declaration to a service. It reports whether that has a directive.
func (a *app) add(s *service, decl ast.Decl, imports []*ast.ImportSpec) (bool, error) {
	switch decl := decl.(type) {
	case *ast.GenDecl:
		if secrets, err := secretsOf(decl); secrets != nil || err != nil {
			s.Secrets = secrets
			return true, err
		}
		name, _ := directive(decl.Doc)
		switch name {
		case "":
			return false, nil
		case "service":
			s.StructName = decl.Specs[0].(*ast.TypeSpec).Name.Name
			return true, nil
		}
		return false, unknownDirective(name)
	case *ast.FuncDecl:
		if decl.Recv == nil && decl.Name.Name == "initService" {
			s.InitFunc = decl.Name.Name
		}
		name, fields := directive(decl.Doc)
		switch name {
		case "":
			return false, nil
		case "authhandler":
			s.AuthHandler = &function{decl.Name.Name, funcExpr(decl)}
			a.declared.authParams = a.declared.structIn(s.Name, decl.Type.Params)
			a.declared.authData = a.declared.structIn(s.Name, decl.Type.Results)
			return true, nil
		case "middleware":
			if strings.Join(fields, " ") != "global target=all" || decl.Recv != nil {
				return true, errors.New("the stand-in only knows //encore:middleware global target=all, and no method")
			}
			s.Middleware = append(s.Middleware, function{decl.Name.Name, decl.Name.Name})
			return true, nil
		case "api":
			e, err := s.parseEndpoint(decl, fields)
			e.params = a.declared.structIn(s.Name, decl.Type.Params)
			e.result = a.declared.structIn(s.Name, decl.Type.Results)
			s.Endpoints = append(s.Endpoints, e)
			if decl.Recv != nil && !e.Raw {
				s.Callers = append(s.Callers, newCaller(decl, imports))
			}
			return true, err
		}
		return false, unknownDirective(name)
	}
	return false, nil
}

// secretsOf returns the names of the secrets if the declaration is that of the
// variable for them.
func secretsOf(decl *ast.GenDecl) ([]string, error) {
	if decl.Tok != token.VAR {
		return nil, nil
	}
	spec := decl.Specs[0].(*ast.ValueSpec)
	if spec.Names[0].Name != "secrets" {
		return nil, nil
	}
	fields, ok := spec.Type.(*ast.StructType)
	if !ok || len(spec.Values) > 0 || len(decl.Specs) > 1 || fields.Fields.NumFields() == 0 {
		return nil, errors.New("secrets must be a variable of its own, an inline struct without a value")
	}
	var names []string
	for _, field := range fields.Fields.List {
		for _, name := range field.Names {
			names = append(names, name.Name)
		}
	}
	return names, nil
}

func unknownDirective(name string) error {
	return fmt.Errorf("the stand-in does not know //encore:%s here", name)
}

func (s *service) parseEndpoint(decl *ast.FuncDecl, fields []string) (endpoint, error) {
	e := endpoint{
		function: function{decl.Name.Name, funcExpr(decl)},
		Access:   "private",
		Path:     "/" + s.Name + "." + decl.Name.Name,
		Methods:  []string{"POST"},
	}
	if len(decl.Type.Params.List) == 1 {
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
		case "sensitive": // keeps a call out of Encore's traces; here there are none
			e.Sensitive = true
		case "path":
			e.Path = value
		case "method":
			e.Methods = strings.Split(value, ",")
		default:
			return e, fmt.Errorf("the stand-in does not know %q in //encore:api", field)
		}
	}
	if e.Raw && e.Access == "private" {
		return e, errors.New("a raw endpoint can't be private")
	}
	slices.Sort(e.Tags)
	return e, nil
}

// allMethods are those of a raw endpoint that names none.
var allMethods = []string{"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}

// directive returns the name and the fields of an //encore: comment.
func directive(doc *ast.CommentGroup) (name string, fields []string) {
	if doc == nil {
		return "", nil
	}
	i := slices.IndexFunc(doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//encore:") })
	if i < 0 {
		return "", nil
	}
	words := strings.Fields(strings.TrimPrefix(doc.List[i].Text, "//encore:"))
	return words[0], words[1:]
}

// funcExpr returns the Go expression of a function, or the method expression of a method.
func funcExpr(decl *ast.FuncDecl) string {
	if decl.Recv == nil {
		return decl.Name.Name
	}
	receiver := decl.Recv.List[0].Type.(*ast.StarExpr).X.(*ast.Ident)
	return fmt.Sprintf("(*%s).%s", receiver.Name, decl.Name.Name)
}
