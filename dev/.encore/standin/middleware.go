package standin

import (
	"cmp"
	"fmt"
	"net/http"
	"reflect"
	"slices"

	"encore.dev/beta/errs"
	"encore.dev/middleware"
)

// Middleware is a function that runs before each endpoint of the application.
type Middleware struct {
	// Package is its import path.
	Package string
	// Name is its name, with that of the package before it.
	Name string
	Func func(middleware.Request, middleware.Next) middleware.Response
}

var middlewares []Middleware

// RegisterMiddleware adds a middleware.
func RegisterMiddleware(m Middleware) {
	middlewares = append(middlewares, m)
	// Go initializes packages in another order than Encore calls their middleware.
	slices.SortStableFunc(middlewares, func(a, b Middleware) int { return cmp.Compare(a.Package, b.Package) })
}

// throughMiddleware calls the middleware, and the endpoint after it.
func throughMiddleware(req middleware.Request, endpoint middleware.Next) middleware.Response {
	called := 0
	var next middleware.Next
	next = func(req middleware.Request) (resp middleware.Response) {
		i := called
		called++
		defer func() {
			if resp.HTTPStatus == 0 {
				resp.HTTPStatus = errs.HTTPStatus(resp.Err)
			}
		}()
		if i == len(middlewares) {
			return endpoint(req)
		} else if i > len(middlewares) {
			return middleware.Response{Err: internal("middleware called next() too many times")}
		}
		defer func() {
			if r := recover(); r != nil {
				resp.Err = internal("panic executing middleware %s: %v", middlewares[i].Name, r)
				resp.HTTPStatus = http.StatusInternalServerError
			}
		}()
		return middlewares[i].Func(req, next)
	}
	return next(req)
}

// checkPayload returns an error if the payload is not what the endpoint returns:
// a middleware may have put another in its place.
func checkPayload(payload any, e *Endpoint, result reflect.Type) error {
	if reflect.TypeOf(payload) == result {
		return nil
	}
	return internal("invalid middleware: cannot return payload of type %T for endpoint %s.%s (expected type %s)",
		payload, e.Service, e.Name, result)
}

func internal(format string, args ...any) error {
	return errs.B().Code(errs.Internal).Msg(fmt.Sprintf(format, args...)).Err()
}
