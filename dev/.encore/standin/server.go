package standin

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	jsoniter "github.com/json-iterator/go"
	"github.com/julienschmidt/httprouter"

	"encore.dev/beta/errs"
	"encore.dev/internal/current"
)

// json writes as Encore does outside production.
var json = jsoniter.Config{IndentionStep: 2, SortMapKeys: true, ValidateJsonRawMessage: true}.Froze()

// server answers the application's endpoints.
type server struct {
	router *httprouter.Router
	auth   authHandler // nil if the application has none
}

// newHandler returns the handler of the whole application.
func newHandler(instances map[reflect.Type]reflect.Value) http.Handler {
	s := &server{router: httprouter.New()}
	if newAuthHandler != nil {
		s.auth = newAuthHandler(instances)
	}
	for _, e := range endpoints {
		for _, method := range e.Methods {
			s.router.Handle(method, e.Path, s.endpoint(e, newFunction(e.Func, instances)))
		}
	}
	return crossOrigin(s)
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
		traceID := rand.Text()
		w.Header().Set("X-Encore-Trace-Id", traceID)
		w.Header().Set("X-Request-Id", requestID(req, traceID))
		if id := req.Header.Get("X-Correlation-Id"); id != "" {
			w.Header().Set("X-Correlation-Id", id)
		}

		caller, err := s.authenticate(req)
		if err != nil && (e.Access == "auth" || errs.Code(err) != errs.Unauthenticated) {
			errs.HTTPError(w, err)
			return
		}
		args, err := decode(req, params)
		if err != nil {
			errs.HTTPError(w, errs.WrapCode(err, errs.InvalidArgument, "decode request"))
			return
		}
		defer current.Enter(caller)()
		if err := validate(args); err != nil {
			errs.HTTPError(w, err)
			return
		}
		result, err := invoke(fn, req.Context(), args)
		if err != nil {
			errs.HTTPError(w, err)
			return
		}
		respond(w, result)
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
func (s *server) authenticate(req *http.Request) (caller *current.Request, err error) {
	token, ok := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer ")
	if !ok {
		token, ok = strings.CutPrefix(req.Header.Get("Authorization"), "Token ")
	}
	if !ok || token == "" || s.auth == nil {
		return nobody, unauthenticated("invalid auth param")
	}
	defer func() {
		if r := recover(); r != nil {
			caller, err = nobody, errs.B().Code(errs.Internal).Msg(fmt.Sprintf("auth handler panicked: %v", r)).Err()
		}
	}()
	uid, data, err := s.auth(req.Context(), token)
	if err != nil {
		return nobody, errs.Convert(err)
	}
	if uid == "" {
		return nobody, unauthenticated("endpoint requires auth but none provided")
	}
	return &current.Request{UID: uid, Data: data}, nil
}

// nobody is the request of somebody who is not signed in.
var nobody = &current.Request{}

func unauthenticated(message string) error {
	return errs.B().Code(errs.Unauthenticated).Msg(message).Err()
}

// invoke calls the endpoint. A panic in it is its error.
func invoke(fn function, ctx context.Context, args []reflect.Value) (result []reflect.Value, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errs.B().Code(errs.Internal).Msg(fmt.Sprintf("panic handling request: %v", r)).Err()
		}
	}()
	result, err = fn.call(append([]reflect.Value{reflect.ValueOf(ctx)}, args...)...)
	return result, errs.Convert(err)
}

// respond writes the result of an endpoint. One without a result answers with an empty body.
func respond(w http.ResponseWriter, result []reflect.Value) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if len(result) == 0 {
		return
	}
	data, err := encode(w.Header(), result[0])
	if err != nil {
		errs.HTTPError(w, errs.WrapCode(err, errs.Internal, "encode response"))
		return
	}
	_, _ = w.Write(append(data, '\n')) // the client is gone; there is nobody to tell
}
