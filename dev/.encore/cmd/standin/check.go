package main

import (
	"errors"
	"fmt"
	"go/ast"
	"slices"
	"strconv"
	"strings"
)

// check returns an error that lists the endpoints with missing or unknown scopes,
// and the fields that would put personal data into traces.
func (a *app) check() error {
	var all []error
	scopes := a.scopes()
	found := 0
	for _, s := range a.Services {
		found += len(s.Endpoints)
		for _, e := range s.Endpoints {
			for _, problem := range e.problems(scopes) {
				all = append(all, fmt.Errorf("%s.%s: %s", s.Name, e.Name, problem))
			}
		}
	}
	if found == 0 {
		return errors.New("there are no endpoints")
	}
	return errors.Join(append(all, a.leaks()...)...)
}

// The tags that the application's middleware knows.
const (
	scopePrefix = "scope-"
	noScope     = "no-scope"
	person      = "person"
)

// scopes returns the keys of the maps in the package of the middleware.
func (a *app) scopes() (tags []string) {
	for _, s := range a.Services {
		for _, file := range s.files {
			ast.Inspect(file, func(n ast.Node) bool {
				if pair, ok := n.(*ast.KeyValueExpr); ok && len(s.Middleware) > 0 {
					if key, ok := pair.Key.(*ast.BasicLit); ok {
						tag, _ := strconv.Unquote(key.Value)
						tags = append(tags, tag)
					}
				}
				return true
			})
		}
	}
	return tags
}

// problems returns what is wrong with the tags of an endpoint.
func (e *endpoint) problems(scopes []string) (all []string) {
	isScope := func(tag string) bool { return strings.HasPrefix(tag, scopePrefix) }
	hasScope, needsNone := slices.ContainsFunc(e.Tags, isScope), slices.Contains(e.Tags, noScope)
	switch {
	case hasScope && needsNone:
		all = append(all, "names a scope and tag:no-scope")
	case e.Access == "auth" && !hasScope && !needsNone:
		all = append(all, "names no scope: say which, or tag:no-scope")
	case e.Access != "auth" && (hasScope || needsNone || slices.Contains(e.Tags, person)):
		all = append(all, "is "+e.Access+": these tags are for endpoints with auth")
	case e.Access == "auth" && e.Raw:
		all = append(all, "is raw: if a middleware rejects the call, Encore answers 200 with an empty body")
	}
	for _, tag := range e.Tags {
		normal := strings.ToLower(strings.ReplaceAll(tag, "_", "-"))
		if isScope(tag) && !slices.Contains(scopes, tag) {
			all = append(all, "tag:"+tag+" is not a known scope")
		} else if normal != tag && (normal == person || normal == noScope || isScope(normal)) {
			all = append(all, "tag:"+tag+" is misspelled")
		}
	}
	return all
}

// leaks returns the fields that would put text into traces. Such a field must be tagged
// `encore:"sensitive"`, or `trace:"…"` with the reason why its text is harmless.
func (a *app) leaks() []error {
	l := leakSearch{fields: a.fields, done: map[string]bool{}}
	for _, s := range a.Services {
		for _, e := range s.Endpoints {
			if e.Access != "private" && !e.Sensitive {
				l.report("%s.%s: is not sensitive: its headers can hold an access token", s.Name, e.Name)
			}
			l.search(e.params, true)
			l.search(e.result, true)
		}
	}
	for _, message := range a.messages {
		l.search(message, true)
	}
	l.search(a.authParams, true)
	clear(l.done)
	l.search(a.authData, false) // Encore ignores its tags
	return l.found
}

type leakSearch struct {
	fields map[string][]field
	done   map[string]bool
	found  []error
}

func (l *leakSearch) report(format string, args ...any) {
	l.found = append(l.found, fmt.Errorf(format, args...))
}

// search searches a struct and the structs in it.
func (l *leakSearch) search(name string, redacted bool) {
	if name == "" || l.done[name] {
		return
	}
	l.done[name] = true
	fields, ok := l.fields[name]
	if !ok {
		l.report("%s: is not known: use a struct of the application", name)
	}
	for _, f := range fields {
		reason, isHarmless := f.tag.Lookup("trace")
		inner, isText := textIn(packageOf(name), f.expr)
		isText = isText && l.fields[inner] == nil
		switch {
		case redacted && slices.Contains(strings.Split(f.tag.Get("encore"), ","), "sensitive"):
		case isHarmless && (reason == "" || !isText):
			l.report("%s.%s: its tag trace gives no reason, or is not needed", name, f.name)
		case isHarmless:
		case isText && redacted:
			l.report("%s.%s: tag it encore:\"sensitive\", or say why it is harmless: trace:\"…\"", name, f.name)
		case isText:
			l.report("%s.%s: is in every trace, whatever its tag encore: say why it is harmless: trace:\"…\"", name, f.name)
		case inner != "":
			l.search(inner, redacted)
		}
	}
}

// textIn reports whether a type can hold text, as all but the listed ones can. It
// also returns the name of a declared type.
func textIn(pkg string, expr ast.Expr) (name string, isText bool) {
	switch expr := expr.(type) {
	case *ast.StarExpr:
		return textIn(pkg, expr.X)
	case *ast.ArrayType:
		return textIn(pkg, expr.Elt)
	case *ast.Ident:
		switch expr.Name {
		case "bool", "int", "int16", "int32", "int64", "uint", "uint16", "uint32", "uint64", "float32", "float64":
			return "", false
		}
	case *ast.SelectorExpr:
		if name := typeName(pkg, expr); name == "time.Time" || name == "time.Duration" {
			return "", false
		}
	}
	return typeName(pkg, expr), true
}
