// Service wire has endpoints of each kind.
package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	encore "encore.dev"
	"encore.dev/beta/auth"
	"encore.dev/beta/errs"

	"probe.app/caller"
	"probe.app/gate"
)

// Caller is the caller of an endpoint.
type Caller struct {
	UID      auth.UID     `json:"uid"`
	SignedIn bool         `json:"signed_in"`
	Data     *caller.Data `json:"data"`
}

func currentCaller() Caller {
	uid, ok := auth.UserID()
	data, _ := auth.Data().(*caller.Data)
	return Caller{uid, ok, data}
}

// WhoResponse is the caller in the endpoint and in a goroutine that it starts.
type WhoResponse struct {
	Endpoint  Caller `json:"endpoint"`
	Goroutine Caller `json:"goroutine"`
}

func who() (*WhoResponse, error) {
	seen := make(chan Caller)
	go func() { seen <- currentCaller() }()
	return &WhoResponse{currentCaller(), <-seen}, nil
}

//encore:api public method=GET path=/public
func Public(context.Context) (*WhoResponse, error) { return who() }

//encore:api auth method=GET path=/auth
func Auth(context.Context) (*WhoResponse, error) { return who() }

//encore:api private method=GET path=/private
func Private(context.Context) (*WhoResponse, error) { return who() }

//encore:api public method=GET path=/verify/:token
func Verify(ctx context.Context, token string) (*gate.TextResponse, error) {
	return caller.Verify(ctx, &caller.VerifyParams{Token: token})
}

//encore:api public method=POST path=/nothing tag:header
func Nothing(context.Context) error { return nil }

//encore:api public
func DefaultPath(context.Context) (*gate.TextResponse, error) {
	return &gate.TextResponse{Text: "<b>&é"}, nil
}

//encore:api public method=GET path=/fail/:kind
func Fail(_ context.Context, kind string) (*gate.TextResponse, error) {
	cause := errors.New("pq: relation does not exist")
	switch kind {
	case "plain":
		return nil, cause
	case "cause":
		return nil, errs.B().Code(errs.Internal).Msg("can't read").Cause(cause).Err()
	case "wrap":
		return nil, errs.WrapCode(cause, errs.Unavailable, "can't reach")
	case "details":
		return nil, &errs.Error{Code: errs.InvalidArgument, Message: "no", Details: gate.Missing{Scope: "a"}}
	case "nothing":
		return nil, nil
	case "panic":
		panic("at the disco")
	}
	for code := errs.Canceled; code <= errs.Unauthenticated; code++ {
		if code.String() == kind {
			return nil, &errs.Error{Code: code, Message: "it is " + kind}
		}
	}
	return nil, errs.B().Err()
}

// RefuseParams has a number.
type RefuseParams struct {
	Number int `query:"number"`
}

// Validate rejects negative numbers.
func (p *RefuseParams) Validate() error {
	if p.Number < 0 {
		return errors.New("the number is negative")
	}
	return nil
}

//encore:api auth method=GET path=/gate/refuse tag:refuse
func Refuse(context.Context, *RefuseParams) error { panic("was called") }

//encore:api public raw method=GET path=/gate/refuse-raw tag:refuse
func RefuseRaw(http.ResponseWriter, *http.Request) { panic("was called") }

//encore:api public method=GET path=/gate/panic tag:panic
func Panic(context.Context) error { panic("was called") }

// describeRequest returns what encore.CurrentRequest returns.
func describeRequest() string {
	r := encore.CurrentRequest()
	return fmt.Sprintf("%s of %s.%s, %s %s, params %v, host %s, account %q, tags %v, exposed %t, auth %t, raw %t",
		r.Type, r.Service, r.Endpoint, r.Method, r.Path, r.PathParams, r.Headers.Get("Host"), r.Headers.Get("X-Account"),
		r.API.Tags, r.API.Exposed, r.API.AuthRequired, r.API.Raw)
}

//encore:api auth method=GET path=/request/:id/of/:name tag:b tag:a-1
func Request(_ context.Context, id int, name string) (*gate.TextResponse, error) {
	return &gate.TextResponse{Text: describeRequest()}, nil
}

//encore:api public raw path=/raw/request/:id/*rest
func RequestRaw(w http.ResponseWriter, req *http.Request) { fmt.Fprint(w, describeRequest()) }

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
	fmt.Fprintf(w, "%s %s %s by %q %t: %s", req.Method, req.URL.RequestURI(), req.Header.Get("X-Account"), uid, ok, body)
}

//encore:api public raw method=GET path=/raw/fail/:kind
func FailRaw(w http.ResponseWriter, req *http.Request) {
	switch encore.CurrentRequest().PathParams.Get("kind") {
	case "errs":
		errs.HTTPError(w, &errs.Error{Code: errs.Aborted, Message: "too late", Details: gate.Missing{Scope: "a"}})
	case "late":
		w.WriteHeader(http.StatusTeapot)
	}
	panic("after the response")
}
