// Package instance keeps the service structs of the application: one of each,
// made when it is first asked for.
package instance

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
)

// services are what makes the service structs, by their pointer types.
var services = map[reflect.Type]func() (any, error){}

// Register adds the service struct T and the function that makes it.
func Register[T any](service string, init func() (*T, error)) {
	services[reflect.TypeFor[*T]()] = sync.OnceValues(func() (any, error) {
		s, err := init()
		if err != nil {
			return nil, fmt.Errorf("service %s: initialization failed: %w", service, err)
		}
		return s, nil
	})
}

// Get returns the service struct S, a pointer type.
func Get[S any]() (S, error) {
	s, err := services[reflect.TypeFor[S]()]()
	if err != nil {
		var none S
		return none, err
	}
	return s.(S), nil
}

// Of returns the service struct of the pointer type. It reports false if there
// is none, or none could be made.
func Of(t reflect.Type) (any, bool) {
	if get, ok := services[t]; ok {
		s, err := get()
		return s, err == nil
	}
	return nil, false
}

// Init makes all service structs.
func Init() error {
	var all []error
	for _, get := range services {
		_, err := get()
		all = append(all, err)
	}
	return errors.Join(all...)
}

// Shutdown tells all service structs that the application ends.
func Shutdown() {
	for t := range services {
		if s, ok := Of(t); ok {
			if s, ok := s.(interface{ Shutdown(context.Context) }); ok {
				s.Shutdown(context.Background())
			}
		}
	}
}
