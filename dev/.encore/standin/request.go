package standin

import (
	"net/http"
	"reflect"
	"time"

	"github.com/julienschmidt/httprouter"

	encore "encore.dev"
	"encore.dev/internal/current"
)

// request is a request for an endpoint.
type request struct {
	*http.Request
	endpoint *Endpoint
	params   httprouter.Params
	started  time.Time
	work     *current.Work
	args     []reflect.Value // of the endpoint, once they are decoded
	caller   current.Request
}

// serve makes the endpoint's call, with the arguments, what the goroutine does.
func (r *request) serve(args []reflect.Value) {
	r.args = args
	r.caller.Describer = r
	r.work.Switch(&r.caller)
}

// Describe describes the request for the endpoint.
func (r *request) Describe() any {
	e := r.endpoint
	d := &encore.Request{
		Type:    encore.APICall,
		Started: r.started,
		API: &encore.APIDesc{
			Raw:          e.Raw,
			Tags:         e.Tags,
			Exposed:      e.Access != "private",
			AuthRequired: e.Access == "auth",
		},
		Service:    e.Service,
		Endpoint:   e.Name,
		Path:       r.URL.Path,
		PathParams: make(encore.PathParams, len(r.params)),
		Method:     r.Method,
		Headers:    r.Header.Clone(),
	}
	d.Headers.Set("Host", r.Host)
	for i, p := range r.params {
		d.PathParams[i] = encore.PathParam{Name: p.Key, Value: p.Value}
		if e.Raw || r.args[i].Kind() == reflect.String {
			d.PathParams[i].Value = unescape(p.Value)
		}
	}
	if len(r.args) > len(r.params) {
		d.Payload = r.args[len(r.params)].Interface()
	}
	return d
}
