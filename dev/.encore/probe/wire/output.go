package wire

import (
	"context"
	"errors"

	"encore.dev/beta/errs"
)

// Nothing answers with nothing.
//
//encore:api public method=POST path=/nothing
func Nothing(context.Context) error { return nil }

// DefaultPath has neither method nor path.
//
//encore:api public
func DefaultPath(context.Context) (*TextResponse, error) {
	return &TextResponse{"<b>&é"}, nil
}

// Field is an error detail.
type Field struct {
	Field string `json:"field"`
}

// ErrDetails makes it one.
func (Field) ErrDetails() {}

// Fail returns an error of a kind.
//
//encore:api public method=GET path=/fail/:kind
func Fail(_ context.Context, kind string) (*TextResponse, error) {
	cause := errors.New("pq: relation does not exist")
	switch kind {
	case "plain":
		return nil, cause
	case "cause":
		return nil, errs.B().Code(errs.Internal).Msg("can't read").Cause(cause).Err()
	case "wrap":
		return nil, errs.WrapCode(cause, errs.Unavailable, "can't reach")
	case "details":
		return nil, &errs.Error{Code: errs.InvalidArgument, Message: "no", Details: Field{"title"}}
	case "nothing":
		return nil, nil
	case "panic":
		panic("at the disco")
	}
	for code := errs.Canceled; code <= errs.Unauthenticated; code++ {
		if code.String() == kind {
			return nil, &errs.Error{Code: code, Message: "it is " + kind}
		}
	}
	return nil, errs.B().Code(errs.NotFound).Msg("no such kind").Err()
}

// StatusResponse has a status of its own.
type StatusResponse struct {
	Status int    `encore:"httpstatus"`
	Text   string `json:"text"`
}

// Status answers with the status, or with 200 if that is 0.
//
//encore:api public method=GET path=/status/:status
func Status(_ context.Context, status int) (*StatusResponse, error) {
	return &StatusResponse{status, "hello"}, nil
}
