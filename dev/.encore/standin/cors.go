package standin

import (
	"net/http"
	"reflect"

	"github.com/rs/cors"
)

// crossOrigin lets pages of every origin call the application, with
// credentials, as a local Encore does whatever encore.app says. Headers are
// limited to those the endpoints declare and a few that Encore knows.
func crossOrigin(h http.Handler) http.Handler {
	allowed := []string{"Authorization", "Content-Type", "Origin", "User-Agent", "X-Correlation-Id", "X-Request-Id"}
	exposed := []string{"X-Correlation-Id", "X-Encore-Trace-Id", "X-Request-Id"}
	for _, e := range endpoints {
		if e.Raw {
			continue
		}
		t := reflect.TypeOf(e.Func)
		allowed = append(allowed, headers(t.In(t.NumIn()-1))...)
		exposed = append(exposed, headers(t.Out(0))...)
	}
	return cors.New(cors.Options{
		AllowOriginFunc:     func(string) bool { return true },
		AllowCredentials:    true,
		AllowPrivateNetwork: true,
		AllowedMethods:      []string{"GET", "POST", "PUT", "PATCH", "HEAD", "DELETE", "OPTIONS", "TRACE", "CONNECT"},
		AllowedHeaders:      allowed,
		ExposedHeaders:      exposed,
	}).Handler(h)
}

// headers returns the headers that are fields of the struct t points to.
func headers(t reflect.Type) []string {
	if t.Kind() != reflect.Pointer {
		return nil
	}
	var names []string
	for i := range t.Elem().NumField() {
		if name, ok := t.Elem().Field(i).Tag.Lookup("header"); ok {
			names = append(names, name)
		}
	}
	return names
}
