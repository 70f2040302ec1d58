// Package encore describes the current request.
package encore

import (
	"net/http"

	"encore.dev/internal/current"
)

// RequestType is what started the running code.
type RequestType string

const (
	None          RequestType = "none" // for example in the background
	APICall       RequestType = "api-call"
	PubSubMessage RequestType = "pubsub-message"
)

// Request is what started the running code.
type Request struct {
	Type              RequestType
	API               *APIDesc // nil for messages
	Service, Endpoint string
	// Path, PathParams and Method are empty in the auth handler.
	Path       string
	PathParams PathParams
	Method     string
	Headers    http.Header // and the Host
}

// APIDesc describes an endpoint.
type APIDesc struct {
	Raw          bool
	Tags         []string // without "tag:"
	Exposed      bool     // not private
	AuthRequired bool
}

// PathParams are the parameters in a path.
type PathParams []PathParam

type PathParam struct{ Name, Value string }

// Get returns the value of a parameter, or "".
func (p PathParams) Get(name string) string {
	for _, param := range p {
		if param.Name == name {
			return param.Value
		}
	}
	return ""
}

// CurrentRequest returns what started the running code. It is never nil.
func CurrentRequest() *Request {
	if r := current.Get(); r != nil && r.Describe != nil {
		return r.Describe().(*Request)
	}
	return &Request{Type: None}
}
