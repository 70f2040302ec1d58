package standin

import (
	"net/http"
	"reflect"

	"github.com/rs/cors"
)

// crossOrigin allows calls from every origin, with credentials, as Encore does
// locally. It allows the headers that endpoints declare, and Encore's own.
func crossOrigin(h http.Handler) http.Handler {
	allowed := []string{"Authorization", "Content-Type", "Origin", "User-Agent", "X-Correlation-Id", "X-Request-Id"}
	for _, e := range endpoints {
		if t := reflect.TypeOf(e.Func()); !e.Raw {
			allowed = append(allowed, headers(t.In(t.NumIn()-1))...)
		}
	}
	return cors.New(cors.Options{
		AllowOriginFunc:     func(string) bool { return true },
		AllowCredentials:    true,
		AllowPrivateNetwork: true,
		AllowedMethods:      []string{"GET", "POST", "PUT", "PATCH", "HEAD", "DELETE", "OPTIONS", "TRACE", "CONNECT"},
		AllowedHeaders:      allowed,
		ExposedHeaders:      []string{"X-Correlation-Id", "X-Encore-Trace-Id", "X-Request-Id"},
	}).Handler(h)
}

// headers returns the headers in a struct, if t points to one.
func headers(t reflect.Type) (names []string) {
	if t.Kind() != reflect.Pointer {
		return nil
	}
	for _, field := range reflect.VisibleFields(t.Elem()) {
		if name, ok := field.Tag.Lookup("header"); ok {
			names = append(names, name)
		}
	}
	return names
}
