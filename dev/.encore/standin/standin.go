// Package standin runs an Encore application without Encore, for development and
// CI. The code that cmd/standin generates registers the services here and calls Main.
package standin

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"sync"

	"encore.dev/internal/current"
	"encore.dev/middleware"
)

// An Endpoint is an API endpoint.
type Endpoint struct {
	Service, Name string
	Access        string // "public", "auth" or "private"
	Methods       []string
	Path          string
	Tags          []string
	Raw           bool
	Func          func() any // returns the function when the services are initialized
}

// Middleware runs before each endpoint.
type Middleware struct {
	Name string // with the name of the package
	Func func(middleware.Request, middleware.Next) middleware.Response
}

var (
	endpoints      []Endpoint
	middlewares    []Middleware
	newAuthHandler func() (authHandler, error) // nil if there is no auth handler
	services       = map[reflect.Type]func() (any, error){}
)

func RegisterEndpoint(e Endpoint) { endpoints = append(endpoints, e) }

func RegisterMiddleware(m Middleware) { middlewares = append(middlewares, m) }

// RegisterService adds a service struct and the function that initializes it.
func RegisterService[T any](name string, init func() (*T, error)) {
	services[reflect.TypeFor[*T]()] = sync.OnceValues(func() (any, error) {
		service, err := init()
		if err != nil {
			return nil, fmt.Errorf("service %s: initialization failed: %w", name, err)
		}
		return service, nil
	})
}

// Service returns the service struct S, a pointer. It initializes it if necessary.
func Service[S any]() (S, error) {
	service, err := services[reflect.TypeFor[S]()]()
	s, _ := service.(S)
	return s, err
}

func initServices() error {
	var all []error
	for _, get := range services {
		_, err := get()
		all = append(all, err)
	}
	return errors.Join(all...)
}

func shutdownServices() {
	for _, get := range services {
		service, _ := get()
		if s, ok := service.(interface{ Shutdown(context.Context) }); ok {
			s.Shutdown(context.Background())
		}
	}
}

// Call makes the call of an endpoint a request, unless it is part of one. The
// function it returns ends the request.
func Call() (end func()) {
	if current.Get() != nil {
		return func() {}
	}
	return current.Enter(nobody).Leave
}

// nobody is a request without a caller.
var nobody = &current.Request{}

// SecretsEnv is the environment variable with the secrets, a JSON object.
const SecretsEnv = "ENCORE_STANDIN_SECRETS"

var secrets = sync.OnceValue(func() (all map[string]string) {
	if err := json.Unmarshal([]byte(os.Getenv(SecretsEnv)), &all); err != nil {
		panic(SecretsEnv + ": " + err.Error())
	}
	return all
})

// Secret returns a secret, or "" if it isn't set, as Encore does locally.
func Secret(name string) string { return secrets()[name] }
