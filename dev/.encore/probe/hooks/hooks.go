// Service hooks has raw endpoints.
package hooks

import (
	"fmt"
	"io"
	"net/http"

	"encore.dev/beta/auth"
	"encore.dev/beta/errs"

	"probe.app/gate"
)

// Service has a raw endpoint as its method.
//
//encore:service
type Service struct{ greeting string }

func initService() (*Service, error) { return &Service{greeting: "hello"}, nil }

// Echo answers with the request.
//
//encore:api public raw method=POST,PUT path=/raw/echo
func Echo(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, 100))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	uid, ok := auth.UserID()
	w.Header().Set("Content-Type", "text/plain")
	w.Header().Add("X-Word", "a")
	w.Header().Add("X-Word", "b")
	w.WriteHeader(http.StatusAccepted)
	fmt.Fprintf(w, "%s %s %s by %q %t %v: %s", req.Method, req.URL.RequestURI(), req.Header.Get("X-Account"), uid, ok, auth.Data(), body)
}

// Method answers every method.
//
//encore:api public raw path=/raw/method
func (s *Service) Method(w http.ResponseWriter, req *http.Request) {
	fmt.Fprint(w, s.greeting, " ", req.Method)
}

// Signed answers those who are signed in.
//
//encore:api auth raw method=GET path=/raw/signed
func (s *Service) Signed(w http.ResponseWriter, req *http.Request) {
	uid, _ := auth.UserID()
	fmt.Fprint(w, s.greeting, " ", uid)
}

// Describe answers with what encore.CurrentRequest says.
//
//encore:api public raw method=GET path=/raw/describe/:id/*rest tag:b tag:a
func Describe(w http.ResponseWriter, req *http.Request) {
	r := gate.Describe()
	fmt.Fprintf(w, "%+v", *r)
}

// Default has neither method nor path.
//
//encore:api public raw
func Default(w http.ResponseWriter, req *http.Request) {}

// Fail answers as told.
//
//encore:api public raw method=GET path=/raw/fail/:kind
func Fail(w http.ResponseWriter, req *http.Request) {
	switch req.URL.Path {
	case "/raw/fail/errs":
		errs.HTTPError(w, &errs.Error{Code: errs.Aborted, Message: "too late", Details: gate.Missing{Scope: "a"}})
	case "/raw/fail/panic":
		panic("before the answer")
	case "/raw/fail/panic-late":
		w.WriteHeader(http.StatusTeapot)
		panic("after the answer")
	}
}

// Refused is not called.
//
//encore:api public raw method=GET path=/raw/refused tag:refuse
func Refused(w http.ResponseWriter, req *http.Request) { panic("was called") }

// Context answers with what the middleware put into its context.
//
//encore:api public raw method=GET path=/raw/context tag:context
func Context(w http.ResponseWriter, req *http.Request) {
	fmt.Fprint(w, req.Context().Value(gate.ContextKey{}))
}
