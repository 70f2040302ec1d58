// Package middleware has what the functions before an endpoint get and return.
package middleware

import (
	"context"
	"net/http"

	encore "encore.dev"
)

// Next calls the next middleware, or the endpoint after the last.
type Next func(Request) Response

// Request is a request on its way to the endpoint.
type Request struct {
	ctx  context.Context
	data func() *encore.Request
}

// NewRequest returns a request, for tests of a middleware.
func NewRequest(ctx context.Context, data *encore.Request) Request {
	return Request{ctx, func() *encore.Request { return data }}
}

// Current returns the request that this goroutine serves. It is for the stand-in itself.
func Current(ctx context.Context) Request { return Request{ctx, encore.CurrentRequest} }

// Context returns the request's context.
func (r *Request) Context() context.Context { return r.ctx }

// WithContext returns the request with another context.
func (r *Request) WithContext(ctx context.Context) Request { return Request{ctx, r.data} }

// Data describes the request.
func (r *Request) Data() *encore.Request { return r.data() }

// Response is what the endpoint answers, or a middleware in its place.
type Response struct {
	// Payload is the endpoint's result, of the type that it returns.
	Payload any
	// Err is its error. The payload does not count then.
	Err error
	// HTTPStatus is the status of the answer. 0 stands for that of Err.
	HTTPStatus int

	header http.Header
}

// Header returns headers to add to the answer.
func (r *Response) Header() http.Header {
	if r.header == nil {
		r.header = http.Header{}
	}
	return r.header
}

// GetHeaders returns the headers to add, or nil if there are none. It is for
// the stand-in itself.
func (r *Response) GetHeaders() http.Header { return r.header }
