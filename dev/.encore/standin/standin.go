// Package standin takes the place of the part of the Encore runtime that the
// application uses, for development and CI on machines without the Encore CLI.
//
// The code that cmd/standin generates registers the application's services
// here and then calls Main. The README says what is left out.
package standin

import (
	"net/http"
	"reflect"

	"encore.dev/internal/current"
	"encore.dev/internal/instance"
)

// An Endpoint is an API endpoint of the application.
type Endpoint struct {
	Service, Name string
	// Access is "public", "auth" or "private".
	Access string
	// Methods are the HTTP methods it answers.
	Methods []string
	// Path is the path with its parameters, as in the directive.
	Path string
	// Tags are its tags.
	Tags []string
	// Raw says that it is an HTTP handler.
	Raw bool
	// Func is the function, or the method expression of a service struct.
	Func any
}

var (
	endpoints      []Endpoint
	newAuthHandler func() (authHandler, error) // nil if the application has none
)

// RegisterEndpoint adds an endpoint.
func RegisterEndpoint(e Endpoint) { endpoints = append(endpoints, e) }

// RegisterService adds a service struct and the function that initializes it.
func RegisterService[T any](name string, init func() (*T, error)) { instance.Register(name, init) }

// Instance returns the service struct S, a pointer type.
func Instance[S any]() (S, error) { return instance.Get[S]() }

// Call makes a call of an endpoint a request, unless it belongs to one already.
// The function returned ends it.
func Call() (end func()) {
	if current.Get() != nil {
		return func() {}
	}
	return current.Enter(nobody).Leave
}

// function is a function of the application, with its receiver if it is a method.
type function struct {
	fn       reflect.Value
	receiver []reflect.Value
}

func newFunction(fn any) function {
	f := function{fn: reflect.ValueOf(fn)}
	if t := f.fn.Type(); t.NumIn() > 0 {
		if receiver, ok := instance.Of(t.In(0)); ok {
			f.receiver = []reflect.Value{reflect.ValueOf(receiver)}
		}
	}
	return f
}

// handler returns the function as an HTTP handler, which it must be.
func (f function) handler(name string) func(http.ResponseWriter, *http.Request) {
	fn := f.fn
	if len(f.receiver) > 0 {
		fn = f.receiver[0].MethodByName(name)
	}
	return fn.Interface().(func(http.ResponseWriter, *http.Request))
}

// params returns the types of the parameters after the receiver and the context.
func (f function) params() []reflect.Type {
	var types []reflect.Type
	for i := len(f.receiver) + 1; i < f.fn.Type().NumIn(); i++ {
		types = append(types, f.fn.Type().In(i))
	}
	return types
}

// result returns the type of the result besides the error, or nil if there is none.
func (f function) result() reflect.Type {
	if t := f.fn.Type(); t.NumOut() > 1 {
		return t.Out(0)
	}
	return nil
}

// call calls the function. It returns its results without the error.
func (f function) call(args ...reflect.Value) ([]reflect.Value, error) {
	out := f.fn.Call(append(f.receiver[:len(f.receiver):len(f.receiver)], args...))
	last := len(out) - 1
	err, _ := out[last].Interface().(error)
	return out[:last], err
}
