// Package gate has a middleware. What it does depends on the endpoint's tags.
package gate

import (
	"encore.dev/beta/errs"
	"encore.dev/middleware"
)

// TextResponse has a text.
type TextResponse struct {
	Text string `json:"text"`
}

// Missing is an error detail.
type Missing struct {
	Scope string `json:"scope"`
}

func (Missing) ErrDetails() {}

//encore:middleware global target=all
func Gate(req middleware.Request, next middleware.Next) middleware.Response {
	for _, tag := range req.Data().API.Tags {
		switch tag {
		case "refuse":
			return middleware.Response{Err: &errs.Error{
				Code: errs.PermissionDenied, Message: "you may not", Details: Missing{"read:reports"},
			}}
		case "panic":
			panic("at the gate")
		case "header":
			resp := next(req)
			resp.Header().Set("X-Gate", "passed")
			return resp
		}
	}
	return next(req)
}
