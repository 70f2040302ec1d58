package standin

import (
	"net/http"
	"reflect"
	"time"

	"github.com/julienschmidt/httprouter"

	encore "encore.dev"
)

// describe returns what makes the description of a request for the endpoint.
// That is made when asked for: most requests pass without.
func (e Endpoint) describe(req *http.Request, params httprouter.Params, args []reflect.Value, started time.Time) func() any {
	return func() any {
		r := &encore.Request{
			Type:    encore.APICall,
			Started: started,
			API: &encore.APIDesc{
				Raw:          e.Raw,
				Tags:         e.Tags,
				Exposed:      e.Access != "private",
				AuthRequired: e.Access == "auth",
			},
			Service:  e.Service,
			Endpoint: e.Name,
			Path:     req.URL.Path,
			Method:   req.Method,
			Headers:  req.Header.Clone(),
		}
		r.Headers.Set("Host", req.Host)
		r.PathParams = make(encore.PathParams, len(params))
		for i, p := range params {
			r.PathParams[i] = encore.PathParam{Name: p.Key, Value: p.Value}
			if e.Raw || args[i].Kind() == reflect.String {
				r.PathParams[i].Value = unescape(p.Value)
			}
		}
		if len(args) > len(params) {
			r.Payload = args[len(params)].Interface()
		}
		return r
	}
}

// describe returns what makes the description of a call of the auth handler.
func (h *authHandler) describe(req *http.Request, token string, started time.Time) func() any {
	return func() any {
		return &encore.Request{
			Type:     encore.APICall,
			Started:  started,
			API:      &encore.APIDesc{Exposed: true},
			Service:  h.service,
			Endpoint: h.name,
			Headers:  req.Header.Clone(),
			Payload:  token,
		}
	}
}
