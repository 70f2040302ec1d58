// Service guard has endpoints whose tags tell the gate what to do.
package guard

import (
	"context"
	"fmt"

	"probe.app/gate"
)

func text() (*gate.TextResponse, error) { return &gate.TextResponse{Text: "from the endpoint"}, nil }

// Refuse is not called.
//
//encore:api public method=GET path=/guard/refuse tag:refuse
func Refuse(context.Context) (*gate.TextResponse, error) { panic("was called") }

// NumberParams has a number.
type NumberParams struct{ Number int }

// Validate refuses negative numbers.
func (p *NumberParams) Validate() error {
	if p.Number < 0 {
		return fmt.Errorf("the number is negative")
	}
	return nil
}

// RefuseNumber is not called.
//
//encore:api auth method=GET path=/guard/refuse-number tag:refuse
func RefuseNumber(context.Context, *NumberParams) error { panic("was called") }

// RefuseWithStatus is not called.
//
//encore:api public method=GET path=/guard/refuse-with-status tag:refuse-with-status
func RefuseWithStatus(context.Context) error { panic("was called") }

// RefuseLate is called in vain.
//
//encore:api public method=GET path=/guard/refuse-late tag:refuse-late
func RefuseLate(context.Context) (*gate.TextResponse, error) { return text() }

// Panic is not called.
//
//encore:api public method=GET path=/guard/panic tag:panic
func Panic(context.Context) error { return nil }

// Twice is called, and called again.
//
//encore:api public method=GET path=/guard/twice tag:twice
func Twice(context.Context) (*gate.TextResponse, error) { return text() }

// Change is changed.
//
//encore:api public method=GET path=/guard/change tag:change
func Change(context.Context) (*gate.TextResponse, error) { return text() }

// Replace is not called.
//
//encore:api public method=GET path=/guard/replace tag:replace
func Replace(context.Context) (*gate.TextResponse, error) { panic("was called") }

// Nothing is not called.
//
//encore:api public method=GET path=/guard/nothing tag:nothing
func Nothing(context.Context) (*gate.TextResponse, error) { panic("was called") }

// NothingEmpty is not called, and has no response either.
//
//encore:api public method=GET path=/guard/nothing-empty tag:nothing
func NothingEmpty(context.Context) error { panic("was called") }

// Wrong is not called.
//
//encore:api public method=GET path=/guard/wrong tag:wrong
func Wrong(context.Context) (*gate.TextResponse, error) { panic("was called") }

// HideError fails without a trace.
//
//encore:api public method=GET path=/guard/hide-error tag:hide-error
func HideError(context.Context) (*gate.TextResponse, error) { return nil, fmt.Errorf("oh") }

// HidePanic fails without a trace.
//
//encore:api public method=GET path=/guard/hide-panic tag:hide-error
func HidePanic(context.Context) (*gate.TextResponse, error) { panic("oh") }

// Context answers with what the middleware put into its context.
//
//encore:api auth method=GET path=/guard/context tag:context
func Context(ctx context.Context) (*gate.TextResponse, error) {
	text, _ := ctx.Value(gate.ContextKey{}).(string)
	return &gate.TextResponse{Text: text}, nil
}

// RequestParams are parameters.
type RequestParams struct {
	Limit int `query:"limit" json:"-"`
}

// Request tells about itself.
//
//encore:api auth method=GET,POST path=/guard/request/:id/of/:name tag:b tag:a-1
func Request(_ context.Context, id int, name string, p *RequestParams) (*gate.RequestResponse, error) {
	return gate.Describe(), nil
}

// PrivateRequest tells about itself.
//
//encore:api private path=/guard/private-request
func PrivateRequest(context.Context) (*gate.RequestResponse, error) { return gate.Describe(), nil }
