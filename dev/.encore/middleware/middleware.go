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
	data func() *encore.Request
}

// NewRequest returns a request for tests of a middleware.
func NewRequest(ctx context.Context, data *encore.Request) Request {
	return Request{ctx, func() *encore.Request { return data }}
}

// Current returns the current request. Only the stand-in calls it.
func Current(ctx context.Context) Request { return Request{ctx, encore.CurrentRequest} }

func (r *Request) Context() context.Context { return r.ctx }

func (r *Request) Data() *encore.Request { return r.data() }

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
