// Package encore tells what the running code was started for.
package encore

import (
	"net/http"
	"slices"
	"time"

	"encore.dev/internal/current"
)

// RequestType is what started the running code.
type RequestType string

const (
	// None is no request: a package's init function, for example.
	None RequestType = "none"
	// APICall is a call of an endpoint, or of the auth handler.
	APICall RequestType = "api-call"
	// PubSubMessage is a message to a subscription.
	PubSubMessage RequestType = "pubsub-message"
)

// Request is what the running code was started for.
type Request struct {
	// Type is what kind it is, Started when it came.
	Type    RequestType
	Started time.Time

	// API describes the endpoint, and is nil if there is none.
	API *APIDesc
	// Service and Endpoint are its names.
	Service, Endpoint string
	// Path, PathParams and Method are as they came. The auth handler's are empty:
	// it is not told for which endpoint it runs.
	Path       string
	PathParams PathParams
	Method     string
	// Headers are the headers that came, with Host among them.
	Headers http.Header
	// Payload are the endpoint's parameters, a pointer to a struct, or nil. For a
	// subscription it is the message.
	Payload any
	// Message tells about the message to a subscription.
	Message *MessageData
}

// MessageData tells about a message to a subscription.
type MessageData struct {
	// Service, Topic and Subscription are the names of what it is for.
	Service, Topic, Subscription string
	// ID is its id, the same in each attempt.
	ID string
	// Published is when it was published.
	Published time.Time
	// DeliveryAttempt counts the attempts to deliver it, from 1.
	DeliveryAttempt int
}

// APIDesc describes an endpoint.
type APIDesc struct {
	// Raw says that it is an HTTP handler.
	Raw bool
	// Tags are its tags.
	Tags Tags
	// Exposed says that it is within reach from outside, AuthRequired that it
	// is for callers who are signed in.
	Exposed, AuthRequired bool
}

// Tags are the tags of an endpoint, without "tag:".
type Tags []string

// Has reports whether tag is one of them.
func (tags Tags) Has(tag string) bool { return slices.Contains(tags, tag) }

// PathParams are the parameters in a path, in their order.
type PathParams []PathParam

// PathParam is a parameter in a path.
type PathParam struct{ Name, Value string }

// Get returns the value of the parameter, or "" if there is none of the name.
func (p PathParams) Get(name string) string {
	for _, param := range p {
		if param.Name == name {
			return param.Value
		}
	}
	return ""
}

var started = time.Now()

// CurrentRequest returns the request that this goroutine serves. It is never nil.
func CurrentRequest() *Request {
	if r := current.Get(); r != nil && r.Describer != nil {
		return r.Describe().(*Request)
	}
	return &Request{Type: None, Started: started}
}
