// Package encore describes the current request.
package encore

import (
	"net/http"

	"encore.dev/internal/current"
)

// RequestType is what started the running code.
type RequestType string

const (
	// None is for code that no request started, for example in the background.
	None RequestType = "none"
	// APICall is a call of an endpoint or of the auth handler.
	APICall RequestType = "api-call"
	// PubSubMessage is a message to a subscription.
	PubSubMessage RequestType = "pubsub-message"
)

// Request is what started the running code.
type Request struct {
	Type RequestType
	// API describes the endpoint. It is nil if there is none.
	API *APIDesc
	// Service and Endpoint are names.
	Service, Endpoint string
	// Path, PathParams and Method are empty in the auth handler.
	Path       string
	PathParams PathParams
	Method     string
	// Headers are the headers of the request, and its Host.
	Headers http.Header
}

// APIDesc describes an endpoint.
type APIDesc struct {
	// Raw is true for an HTTP handler.
	Raw bool
	// Tags are its tags, without "tag:".
	Tags []string
	// Exposed is true unless the endpoint is private.
	Exposed bool
	// AuthRequired is true if callers must be signed in.
	AuthRequired bool
}

// PathParams are the parameters in a path.
type PathParams []PathParam

// PathParam is a parameter in a path.
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
