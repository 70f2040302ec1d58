package standin

import (
	"cmp"
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"time"

	jsoniter "github.com/json-iterator/go"
	"github.com/julienschmidt/httprouter"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"encore.dev/beta/errs"
	"encore.dev/internal/current"
	"encore.dev/middleware"
)

// json writes as Encore does outside production.
var json = jsoniter.Config{IndentionStep: 2, SortMapKeys: true, ValidateJsonRawMessage: true}.Froze()

// metricsPath is where the application's metrics are, in Prometheus' text form.
// Encore has nothing there: it pushes them.
const metricsPath = "/__encore/metrics"

// server answers the application's endpoints.
type server struct {
	router *httprouter.Router
	auth   authHandler // nil if the application has none
}

// newHandler returns the handler of the whole application.
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
			s.router.Handle(method, e.Path, s.endpoint(&e, newFunction(e.Func)))
		}
	}
	return crossOrigin(s), nil
}

func (s *server) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	switch req.URL.Path {
	case "/__encore/healthz":
		healthz(w)
		return
	case metricsPath:
		promhttp.Handler().ServeHTTP(w, req)
		return
	}
	path := req.URL.Path
	if req.URL.RawPath != "" {
		path = req.URL.EscapedPath() // so that %2F stays within its parameter
	}
	if handle, params, _ := s.router.Lookup(req.Method, path); handle != nil {
		handle(w, req, params)
		return
	}
	if s.redirectSlash(w, req, path) {
		return
	}
	errs.HTTPError(w, errs.B().Code(errs.NotFound).Msg("endpoint not found").Err())
}

// redirectSlash redirects to the path with one slash more or less, if that is an endpoint.
func (s *server) redirectSlash(w http.ResponseWriter, req *http.Request, path string) bool {
	other := path + "/"
	if len(path) > 1 && strings.HasSuffix(path, "/") {
		other = strings.TrimSuffix(path, "/")
	}
	if handle, _, _ := s.router.Lookup(req.Method, other); handle == nil {
		return false
	}
	code := http.StatusPermanentRedirect
	if req.Method == http.MethodGet {
		code = http.StatusMovedPermanently
	}
	http.Redirect(w, req, other, code)
	return true
}

func healthz(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_ = json.NewEncoder(w).Encode(map[string]any{ // the client is gone; there is nobody to tell
		"code":    "ok",
		"message": "Your Encore app is up and running!",
		"details": map[string]any{"checks": []map[string]any{{"name": "services.initialized", "passed": true}}},
	})
}

// endpoint returns the handler of one endpoint.
func (s *server) endpoint(e *Endpoint, fn function) httprouter.Handle {
	if e.Raw {
		handler := fn.handler(e.Name)
		return s.authenticated(e, func(w http.ResponseWriter, r *request) {
			r.serve(nil)
			handleRaw(handler, w, r.Request)
		})
	}
	decode := newDecoder(fn.params())
	return s.authenticated(e, func(w http.ResponseWriter, r *request) {
		args, err := decode(r.Request, r.params)
		if err != nil {
			errs.HTTPError(w, errs.WrapCode(err, errs.InvalidArgument, "decode request"))
			return
		}
		r.serve(args)
		if err := validate(args); err != nil {
			errs.HTTPError(w, err)
			return
		}
		respond(w, e, fn.result(), call(fn, r.Context(), args))
	})
}

// authenticated returns a handler that runs the auth handler before next.
func (s *server) authenticated(e *Endpoint, next func(http.ResponseWriter, *request)) httprouter.Handle {
	return func(w http.ResponseWriter, req *http.Request, params httprouter.Params) {
		traceID := rand.Text()
		w.Header().Set("X-Encore-Trace-Id", traceID)
		w.Header().Set("X-Request-Id", requestID(req, traceID))
		if id := req.Header.Get("X-Correlation-Id"); id != "" {
			w.Header().Set("X-Correlation-Id", id)
		}
		r := &request{Request: req, endpoint: e, params: params, started: time.Now(), work: current.Enter(nobody)}
		defer r.work.Leave()
		if err := s.authenticate(r); err != nil && (e.Access == "auth" || errs.Code(err) != errs.Unauthenticated) {
			errs.HTTPError(w, err)
			return
		}
		next(w, r)
	}
}

func requestID(req *http.Request, otherwise string) string {
	id := req.Header.Get("X-Request-Id")
	if id == "" {
		return otherwise
	}
	return id[:min(len(id), 64)]
}

// authenticate runs the auth handler, which sets the caller of the request.
// With an error that is nobody.
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
		// What it wraps does not count here, unlike in the error of an endpoint.
		return errs.B().Code(errs.Unknown).Msg(err.Error()).Err()
	} else if err != nil {
		return err
	}
	if uid == "" {
		return unauthenticated("endpoint requires auth but none provided")
	}
	r.caller.UID, r.caller.Data = uid, data
	return nil
}

// nobody is the request of somebody who is not signed in.
var nobody = &current.Request{}

func unauthenticated(message string) error {
	return errs.B().Code(errs.Unauthenticated).Msg(message).Err()
}

// call calls the endpoint, through the middleware if there is any.
func call(fn function, ctx context.Context, args []reflect.Value) middleware.Response {
	if len(middlewares) == 0 {
		return invoke(fn, ctx, args)
	}
	return throughMiddleware(middleware.Current(ctx), func(req middleware.Request) middleware.Response {
		return invoke(fn, req.Context(), args)
	})
}

// invoke calls the endpoint itself. A panic in it is its error.
func invoke(fn function, ctx context.Context, args []reflect.Value) (resp middleware.Response) {
	defer func() {
		if r := recover(); r != nil {
			resp = middleware.Response{Err: internal("panic handling request: %v", r)}
		}
	}()
	result, err := fn.call(append([]reflect.Value{reflect.ValueOf(ctx)}, args...)...)
	if err != nil {
		return middleware.Response{Err: errs.Convert(err)}
	}
	if len(result) > 0 {
		resp.Payload = result[0].Interface()
	}
	return resp
}

// handleRaw calls a raw endpoint, through the middleware if there is any. It
// writes its answer itself. What else comes of it is nobody's concern: not even
// a panic or the refusal of a middleware reaches the client.
func handleRaw(handler http.HandlerFunc, w http.ResponseWriter, req *http.Request) {
	throughMiddleware(middleware.Current(req.Context()), func(mw middleware.Request) (resp middleware.Response) {
		defer func() {
			if r := recover(); r != nil {
				resp = middleware.Response{Err: internal("panic handling request: %v", r)}
				slog.Error("request failed", "err", resp.Err)
			}
		}()
		if ctx := mw.Context(); ctx != req.Context() {
			req = req.WithContext(ctx)
		}
		handler(w, req)
		return resp
	})
}

// respond writes the response of an endpoint. One without a result answers with
// an empty body.
func respond(w http.ResponseWriter, e *Endpoint, result reflect.Type, resp middleware.Response) {
	header := w.Header()
	for name, values := range resp.GetHeaders() {
		header[name] = append(header[name], values...)
	}
	err, status := resp.Err, cmp.Or(resp.HTTPStatus, errs.HTTPStatus(resp.Err))
	if err == nil && result != nil {
		if err = checkPayload(resp.Payload, e, result); err != nil {
			status = http.StatusInternalServerError
		}
	}
	if err != nil {
		errs.HTTPErrorWithCode(w, err, status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if result == nil {
		return
	}
	data, status, err := encode(w.Header(), reflect.ValueOf(resp.Payload), status)
	if err != nil {
		errs.HTTPError(w, errs.WrapCode(err, errs.Internal, "encode response"))
		return
	}
	w.WriteHeader(status)
	_, _ = w.Write(append(data, '\n')) // the client is gone; there is nobody to tell
}
