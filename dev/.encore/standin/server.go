package standin

import (
	"cmp"
	"context"
	"crypto/rand"
	"net/http"
	"reflect"
	"strings"
	"time"

	jsoniter "github.com/json-iterator/go"
	"github.com/julienschmidt/httprouter"

	"encore.dev/beta/errs"
	"encore.dev/internal/current"
	"encore.dev/middleware"
)

// json writes as Encore does outside production.
var json = jsoniter.Config{IndentionStep: 2, SortMapKeys: true, ValidateJsonRawMessage: true}.Froze()

// server answers the application's endpoints.
type server struct {
	router *httprouter.Router
	auth   *authHandler // nil if the application has none
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
			s.router.Handle(method, e.Path, s.endpoint(e, newFunction(e.Func)))
		}
	}
	return crossOrigin(s), nil
}

func (s *server) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if req.URL.Path == "/__encore/healthz" {
		healthz(w)
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
func (s *server) endpoint(e Endpoint, fn function) httprouter.Handle {
	decode := newDecoder(fn.params())
	return func(w http.ResponseWriter, req *http.Request, params httprouter.Params) {
		started := time.Now()
		traceID := rand.Text()
		w.Header().Set("X-Encore-Trace-Id", traceID)
		w.Header().Set("X-Request-Id", requestID(req, traceID))
		if id := req.Header.Get("X-Correlation-Id"); id != "" {
			w.Header().Set("X-Correlation-Id", id)
		}
		work := current.Enter(nobody)
		defer work.Leave()

		caller, err := s.authenticate(work, req, started)
		if err != nil && (e.Access == "auth" || errs.Code(err) != errs.Unauthenticated) {
			errs.HTTPError(w, err)
			return
		}
		args, err := decode(req, params)
		if err != nil {
			errs.HTTPError(w, errs.WrapCode(err, errs.InvalidArgument, "decode request"))
			return
		}
		caller.Describe = e.describe(req, params, args, started)
		work.Switch(&caller)
		if err := validate(args); err != nil {
			errs.HTTPError(w, err)
			return
		}
		respond(w, e, fn.result(), s.call(fn, req.Context(), args))
	}
}

func requestID(req *http.Request, otherwise string) string {
	id := req.Header.Get("X-Request-Id")
	if id == "" {
		return otherwise
	}
	return id[:min(len(id), 64)]
}

// authenticate runs the auth handler. With an error, the request it returns is
// that of nobody.
func (s *server) authenticate(work *current.Work, req *http.Request, started time.Time) (caller current.Request, err error) {
	token, ok := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer ")
	if !ok {
		token, ok = strings.CutPrefix(req.Header.Get("Authorization"), "Token ")
	}
	if !ok || token == "" || s.auth == nil {
		return current.Request{}, unauthenticated("invalid auth param")
	}
	work.Switch(&current.Request{Describe: s.auth.describe(req, token, started)})
	defer func() {
		if r := recover(); r != nil {
			caller, err = current.Request{}, internal("auth handler panicked: %v", r)
		}
	}()
	uid, data, err := s.auth.call(req.Context(), token)
	if err != nil {
		return current.Request{}, errs.Convert(err)
	}
	if uid == "" {
		return current.Request{}, unauthenticated("endpoint requires auth but none provided")
	}
	return current.Request{UID: uid, Data: data}, nil
}

// nobody is the request of somebody who is not signed in.
var nobody = &current.Request{}

func unauthenticated(message string) error {
	return errs.B().Code(errs.Unauthenticated).Msg(message).Err()
}

// call calls the endpoint, through the middleware if there is any.
func (s *server) call(fn function, ctx context.Context, args []reflect.Value) middleware.Response {
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

// respond writes the response of an endpoint. One without a result answers with
// an empty body.
func respond(w http.ResponseWriter, e Endpoint, result reflect.Type, resp middleware.Response) {
	for name, values := range resp.GetHeaders() {
		for _, value := range values {
			w.Header().Add(name, value)
		}
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
