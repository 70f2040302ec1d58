package standin

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	encore "encore.dev"
	"encore.dev/beta/auth"
	"encore.dev/internal/current"
)

// authHandler is the application's auth handler: it returns the user id and the
// data of who makes the request.
type authHandler func(*request) (uid string, data any, err error)

// RegisterAuthHandler sets the auth handler: the method expression of a service
// struct. Its parameter P is a token, or points to a struct. It is called with
// each request, so not by reflection.
func RegisterAuthHandler[S, P, D any](service, name string, fn func(S, context.Context, P) (auth.UID, D, error)) {
	newAuthHandler = func() (authHandler, error) {
		instance, err := Instance[S]()
		decode := newAuthDecoder[P]()
		return func(r *request) (string, any, error) {
			params, err := decode(r.Request)
			if err != nil {
				return "", nil, err
			}
			call := &authCall[P]{request: r, service: service, name: name, params: params}
			call.running.Describer = call
			r.work.Switch(&call.running)
			uid, data, err := fn(instance, r.Context(), params)
			return string(uid), data, err
		}, err
	}
}

// authCall is a call of the auth handler.
type authCall[P any] struct {
	*request
	service, name string
	params        P
	running       current.Request
}

// Describe describes the call. It says nothing of the endpoint.
func (c *authCall[P]) Describe() any {
	return &encore.Request{
		Type:     encore.APICall,
		Started:  c.started,
		API:      &encore.APIDesc{Exposed: true},
		Service:  c.service,
		Endpoint: c.name,
		Headers:  c.Header, // what the auth handler takes out, the endpoint doesn't get, as in Encore
		Payload:  c.params,
	}
}

// newAuthDecoder returns what reads the auth handler's parameter from a request.
// It is an error if there is nothing to read.
func newAuthDecoder[P any]() func(*http.Request) (P, error) {
	t := reflect.TypeFor[P]()
	if t.Kind() == reflect.String {
		return func(req *http.Request) (p P, err error) {
			token, ok := bearerToken(req)
			if !ok {
				return p, unauthenticated("invalid auth param")
			}
			return any(token).(P), nil
		}
	}
	fields := authFields(t.Elem())
	return func(req *http.Request) (P, error) {
		params, empty := reflect.New(t.Elem()), true
		for i, value := range fields {
			if text := value(req); text != "" {
				params.Elem().Field(i).SetString(text)
				empty = false
			}
		}
		if empty {
			return reflect.Zero(t).Interface().(P), unauthenticated("missing auth param")
		}
		return params.Interface().(P), nil
	}
}

func bearerToken(req *http.Request) (string, bool) {
	header := req.Header.Get("Authorization")
	token, ok := strings.CutPrefix(header, "Bearer ")
	if !ok {
		token, ok = strings.CutPrefix(header, "Token ")
	}
	return token, ok && token != ""
}

// authFields returns what reads each field of the struct: a text from a header
// or the query.
func authFields(t reflect.Type) []func(*http.Request) string {
	var fields []func(*http.Request) string
	for i := range t.NumField() {
		field := t.Field(i)
		header, isHeader := field.Tag.Lookup("header")
		query, isQuery := field.Tag.Lookup("query")
		switch {
		case field.Type.Kind() == reflect.String && isHeader:
			fields = append(fields, func(req *http.Request) string { return req.Header.Get(header) })
		case field.Type.Kind() == reflect.String && isQuery:
			fields = append(fields, func(req *http.Request) string {
				if req.URL.RawQuery == "" {
					return ""
				}
				return req.URL.Query().Get(query)
			})
		default:
			panic(fmt.Sprintf("the stand-in can't read the field %s of %s: it knows texts from headers and the query", field.Name, t))
		}
	}
	return fields
}
