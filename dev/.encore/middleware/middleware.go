// Package middleware has the types of functions that run before an endpoint.
package middleware

import (
	"context"
	"net/http"

	encore "encore.dev"
)

// Next calls the next middleware or the endpoint.
type Next func(Request) Response

// Request is a request for an endpoint.
type Request struct {
	ctx  context.Context
	data *encore.Request
}

// NewRequest returns a request.
func NewRequest(ctx context.Context, data *encore.Request) Request { return Request{ctx, data} }

func (r *Request) Context() context.Context { return r.ctx }

func (r *Request) Data() *encore.Request { return r.data }

// Response is the response of an endpoint or of a middleware.
type Response struct {
	Payload any   // what the endpoint returns
	Err     error // takes the place of the payload
	header  http.Header
}

// Header returns the headers that the response gets.
func (r *Response) Header() http.Header {
	if r.header == nil {
		r.header = http.Header{}
	}
	return r.header
}
