package standin

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"

	jsoniter "github.com/json-iterator/go"
	"github.com/julienschmidt/httprouter"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	encore "encore.dev"
	"encore.dev/beta/errs"
	"encore.dev/internal/current"
	"encore.dev/middleware"
)

// json writes like Encore outside of production.
var json = jsoniter.Config{IndentionStep: 2, SortMapKeys: true, ValidateJsonRawMessage: true}.Froze()

// server answers the calls of endpoints.
type server struct {
	router *httprouter.Router
	auth   authHandler // nil if there is no auth handler
}

// newHandler returns the handler of the application.
func newHandler() (http.Handler, error) {
	s := &server{router: httprouter.New()}
	if newAuthHandler != nil {
		var err error
		if s.auth, err = newAuthHandler(); err != nil {
			return nil, err
		}
	}
	for _, e := range endpoints {
		for _, method := range e.Methods {
			s.router.Handle(method, e.Path, s.handle(&e, answer(&e)))
		}
	}
	return crossOrigin(s), nil
}

func (s *server) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	path := req.URL.Path
	switch path {
	case "/__encore/healthz":
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		fmt.Fprintln(w, `{"code": "ok", "details": {"checks": [{"name": "services.initialized", "passed": true}]}}`)
		return
	case "/__encore/metrics":
		promhttp.Handler().ServeHTTP(w, req)
		return
	}
	if req.URL.RawPath != "" {
		path = req.URL.EscapedPath() // a parameter may contain %2F
	}
	if handle, params, _ := s.router.Lookup(req.Method, path); handle != nil {
		handle(w, req, params)
		return
	}
	errs.HTTPError(w, errs.B().Code(errs.NotFound).Msg("endpoint not found").Err())
}

// request is a call of an endpoint over HTTP.
type request struct {
	*http.Request
	endpoint *Endpoint
	params   httprouter.Params
	scope    *current.Scope
	caller   current.Request
}

// handle returns a handler that runs the auth handler before next.
func (s *server) handle(e *Endpoint, next func(http.ResponseWriter, *request)) httprouter.Handle {
	return func(w http.ResponseWriter, req *http.Request, params httprouter.Params) {
		id := rand.Text()
		w.Header().Set("X-Encore-Trace-Id", id)
		if sent := req.Header.Get("X-Request-Id"); sent != "" {
			id = sent[:min(len(sent), 64)]
		}
		w.Header().Set("X-Request-Id", id)
		r := &request{Request: req, endpoint: e, params: params, scope: current.Enter(nobody)}
		defer r.scope.Leave()
		// Without valid credentials the call of a public endpoint has no caller.
		if err := s.authenticate(r); err != nil && (e.Access == "auth" || errs.Code(err) != errs.Unauthenticated) {
			errs.HTTPError(w, err)
			return
		}
		r.caller.Describe = r.describe
		r.scope.Switch(&r.caller)
		next(w, r)
	}
}

func (r *request) describe() any {
	e := r.endpoint
	d := &encore.Request{
		Type:    encore.APICall,
		API:     &encore.APIDesc{Raw: e.Raw, Tags: e.Tags, Exposed: e.Access != "private", AuthRequired: e.Access == "auth"},
		Service: e.Service, Endpoint: e.Name,
		Path: r.URL.Path, Method: r.Method, Headers: r.Header.Clone(),
		PathParams: make(encore.PathParams, len(r.params)),
	}
	d.Headers.Set("Host", r.Host)
	for i, p := range r.params {
		d.PathParams[i] = encore.PathParam{Name: p.Key, Value: unescape(p.Value)}
	}
	return d
}

// answer returns what decodes a request, calls the endpoint and writes its response.
func answer(e *Endpoint) func(http.ResponseWriter, *request) {
	if e.Raw {
		return answerRaw(e.Func().(func(http.ResponseWriter, *http.Request)))
	}
	fn := reflect.ValueOf(e.Func())
	var params []reflect.Type // without the context
	for i := 1; i < fn.Type().NumIn(); i++ {
		params = append(params, fn.Type().In(i))
	}
	hasResult := fn.Type().NumOut() > 1
	if hasResult {
		checkResult(fn.Type().Out(0))
	}
	return func(w http.ResponseWriter, r *request) {
		args, err := decode(params, r.Request, r.params)
		if err != nil {
			errs.HTTPError(w, errs.WrapCode(err, errs.InvalidArgument, "decode request"))
			return
		}
		if err := validate(args[1:]); err != nil {
			errs.HTTPError(w, err)
			return
		}
		args[0] = reflect.ValueOf(r.Context())
		resp := withMiddleware(middlewares, func(middleware.Request) middleware.Response {
			return call(fn, args)
		})(middleware.NewRequest(r.Context(), encore.CurrentRequest()))
		for name, values := range resp.Header() {
			w.Header()[name] = append(w.Header()[name], values...)
		}
		if resp.Err != nil {
			errs.HTTPError(w, resp.Err)
			return
		}
		var body []byte
		if hasResult {
			if body, err = json.Marshal(resp.Payload); err != nil {
				errs.HTTPError(w, errs.WrapCode(err, errs.Internal, "encode response"))
				return
			}
			body = append(body, '\n')
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(body)
	}
}

// call calls an endpoint.
func call(fn reflect.Value, args []reflect.Value) (resp middleware.Response) {
	defer recoverTo(&resp, "panic handling request")
	results := fn.Call(args)
	last := len(results) - 1
	if err, _ := results[last].Interface().(error); err != nil {
		return middleware.Response{Err: errs.Convert(err)}
	}
	if last > 0 {
		resp.Payload = results[0].Interface()
	}
	return resp
}

// answerRaw returns what calls a raw endpoint. As on Encore, the client sees only what
// the endpoint writes: no panic, and no error of a middleware.
func answerRaw(handler http.HandlerFunc) func(http.ResponseWriter, *request) {
	return func(w http.ResponseWriter, r *request) {
		resp := withMiddleware(middlewares, func(middleware.Request) (resp middleware.Response) {
			defer recoverTo(&resp, "panic handling request")
			handler(w, r.Request)
			return resp
		})(middleware.NewRequest(r.Context(), encore.CurrentRequest()))
		if resp.Err != nil {
			slog.Error("request failed", "err", resp.Err)
		}
	}
}

// withMiddleware returns next with the middleware before it.
func withMiddleware(all []Middleware, next middleware.Next) middleware.Next {
	if len(all) == 0 {
		return next
	}
	return func(req middleware.Request) (resp middleware.Response) {
		defer recoverTo(&resp, "panic executing middleware "+all[0].Name)
		return all[0].Func(req, withMiddleware(all[1:], next))
	}
}

// recoverTo turns a panic into an error. It must be deferred.
func recoverTo(resp *middleware.Response, what string) {
	if r := recover(); r != nil {
		*resp = middleware.Response{Err: internal("%s: %v", what, r)}
	}
}

func internal(format string, args ...any) error {
	return errs.B().Code(errs.Internal).Msg(fmt.Sprintf(format, args...)).Err()
}
