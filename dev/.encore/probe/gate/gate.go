// Package gate has a middleware before all endpoints of the application. What
// it does is up to the tags of the endpoint. It is in no service: Encore wants
// that of a global one.
package gate

import (
	"context"
	"fmt"

	encore "encore.dev"
	"encore.dev/beta/auth"
	"encore.dev/beta/errs"
	"encore.dev/middleware"
)

// Missing is an error detail.
type Missing struct {
	Scope string `json:"scope"`
}

// ErrDetails makes it one.
func (Missing) ErrDetails() {}

// ContextKey is the key of what tag:context puts into the context.
type ContextKey struct{}

// TextResponse has a text.
type TextResponse struct {
	Text string `json:"text"`
}

// Gate does what the tags say.
//
//encore:middleware global target=all
func Gate(req middleware.Request, next middleware.Next) middleware.Response {
	for _, tag := range req.Data().API.Tags {
		switch tag {
		case "refuse":
			return middleware.Response{Err: &errs.Error{
				Code: errs.PermissionDenied, Message: "you may not", Details: Missing{"read:reports"},
			}}
		case "refuse-with-status":
			resp := middleware.Response{Err: &errs.Error{Code: errs.PermissionDenied, Message: "no tea"}, HTTPStatus: 418}
			resp.Header().Set("X-Gate", "refused")
			return resp
		case "refuse-late":
			resp := next(req)
			resp.Err = &errs.Error{Code: errs.PermissionDenied, Message: "too late"}
			return resp
		case "panic":
			panic("at the gate")
		case "twice":
			next(req)
			return next(req)
		case "change":
			resp := next(req)
			resp.Payload.(*TextResponse).Text += ", changed"
			resp.HTTPStatus = 202
			resp.Header().Set("X-Gate", "changed")
			return resp
		case "replace":
			return middleware.Response{Payload: &TextResponse{Text: "replaced"}}
		case "nothing":
			return middleware.Response{}
		case "wrong":
			return middleware.Response{Payload: "a string"}
		case "hide-error":
			resp := next(req)
			return middleware.Response{Payload: &TextResponse{Text: fmt.Sprint("hidden: ", resp.Err)}}
		case "context":
			uid, ok := auth.UserID()
			req = req.WithContext(context.WithValue(req.Context(), ContextKey{}, fmt.Sprint(uid, " ", ok, " ", auth.Data())))
		}
	}
	return next(req)
}

// RequestResponse is what encore.CurrentRequest says.
type RequestResponse struct {
	Type              encore.RequestType
	Service, Endpoint string
	Path, Method      string
	PathParams        encore.PathParams
	Host, Account     string
	Tags              []string
	Exposed, Auth     bool
	Raw               bool
	Payload           string
}

// Describe returns what encore.CurrentRequest says.
func Describe() *RequestResponse {
	r := encore.CurrentRequest()
	resp := &RequestResponse{
		Type: r.Type, Service: r.Service, Endpoint: r.Endpoint, Path: r.Path, Method: r.Method,
		PathParams: r.PathParams, Host: r.Headers.Get("Host"), Account: r.Headers.Get("X-Account"), Payload: fmt.Sprintf("%T %v", r.Payload, r.Payload),
	}
	if r.API != nil {
		resp.Tags, resp.Exposed, resp.Auth, resp.Raw = r.API.Tags, r.API.Exposed, r.API.AuthRequired, r.API.Raw
	}
	return resp
}
