package standin

import (
	"context"
	"fmt"
	"net/http"
	"reflect"

	encore "encore.dev"
	"encore.dev/beta/auth"
	"encore.dev/beta/errs"
	"encore.dev/internal/current"
)

// authHandler returns the user id and the data of the caller.
type authHandler func(*request) (uid string, data any, err error)

// RegisterAuthHandler sets the auth handler, a method of the service struct S. It
// takes a pointer to the struct P.
func RegisterAuthHandler[S, P, D any](service, name string, fn func(S, context.Context, *P) (auth.UID, D, error)) {
	newAuthHandler = func() (authHandler, error) {
		receiver, err := Service[S]()
		headers := paramHeaders(reflect.TypeFor[P]())
		return func(r *request) (string, any, error) {
			params := new(P)
			if !setParams(reflect.ValueOf(params).Elem(), headers, r.Header) {
				return "", nil, unauthenticated("missing auth param")
			}
			r.scope.Switch(&current.Request{Describe: func() any {
				return &encore.Request{
					Type: encore.APICall, API: &encore.APIDesc{Exposed: true},
					Service: service, Endpoint: name,
					Headers: r.Header, // the endpoint doesn't see the headers that the auth handler deletes
				}
			}})
			uid, data, err := fn(receiver, r.Context(), params)
			return string(uid), data, err
		}, err
	}
}

// paramHeaders returns the header of each field.
func paramHeaders(params reflect.Type) (names []string) {
	for i := range params.NumField() {
		field := params.Field(i)
		name, ok := field.Tag.Lookup("header")
		if !ok || field.Type.Kind() != reflect.String {
			panic(fmt.Sprintf("auth handler: the stand-in supports only strings from headers, not %s.%s", params, field.Name))
		}
		names = append(names, name)
	}
	return names
}

// setParams sets the fields to the headers. It returns false if there are none.
func setParams(params reflect.Value, names []string, header http.Header) bool {
	found := false
	for i, name := range names {
		value := header.Get(name)
		params.Field(i).SetString(value)
		found = found || value != ""
	}
	return found
}

// authenticate sets the caller of a request.
func (s *server) authenticate(r *request) (err error) {
	if s.auth == nil {
		return unauthenticated("there is no auth handler")
	}
	defer func() {
		if p := recover(); p != nil {
			err = internal("auth handler panicked: %v", p)
		}
	}()
	uid, data, err := s.auth(r)
	if _, ok := err.(*errs.Error); err != nil && !ok {
		return errs.B().Msg(err.Error()).Err() // Encore ignores the codes of wrapped errors here
	} else if err != nil {
		return err
	}
	if uid == "" {
		return unauthenticated("endpoint requires auth but none provided")
	}
	r.caller.UID, r.caller.Data = uid, data
	return nil
}

func unauthenticated(message string) error {
	return errs.B().Code(errs.Unauthenticated).Msg(message).Err()
}
