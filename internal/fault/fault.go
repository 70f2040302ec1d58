// Package fault has the errors of what can't be done now, which tell the client
// when to try again, and logs their causes without flooding the log.
package fault

import (
	"context"
	"errors"
	"math"
	"time"

	"encore.dev/beta/errs"
	"encore.dev/rlog"
)

// RetryAfter tells the client when to try again. Encore lets an error carry no
// header, so this takes the place of Retry-After (RFC 9110, section 10.2.3).
type RetryAfter struct {
	// RetryAfter is in whole seconds, at least 1.
	RetryAfter int `json:"retry_after"`
}

// ErrDetails marks it as an error's details.
func (RetryAfter) ErrDetails() {}

// Unavailable returns errs.Unavailable with the message for the client, who may
// try again in a second.
func Unavailable(message string) error {
	return &errs.Error{Code: errs.Unavailable, Message: message, Details: RetryAfter{1}}
}

// TooMany returns errs.ResourceExhausted, HTTP status 429, with the message for
// the client, who may try again after wait.
func TooMany(message string, wait time.Duration) error {
	seconds := max(1, int(math.Ceil(wait.Seconds())))
	return &errs.Error{Code: errs.ResourceExhausted, Message: message, Details: RetryAfter{seconds}}
}

// QueryTimeout bounds one use of the database, so that a call which can't be
// served fails soon.
const QueryTimeout = 3 * time.Second

// Database returns errs.Unavailable for an error of the database and logs its
// cause, which is not for the client. If the call was canceled it returns
// errs.Canceled and logs nothing: nobody is waiting for the answer.
func Database(ctx context.Context, doing string, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return canceled()
	}
	database.Add(doing, "err", err)
	return Unavailable("the database is unavailable: try again in a moment")
}

// Call returns errs.Unavailable for an error of a call to another service that the
// caller can do nothing about. That service may run in a process of its own: then
// Encore drops the details of its errors, and where it can't be reached the error
// has addresses, which are not for the client. Unless the service has answered,
// and so logged the cause, that is logged here. If the call was canceled Call
// returns errs.Canceled and logs nothing.
func Call(ctx context.Context, doing string, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return canceled()
	}
	if answer, ok := errors.AsType[*errs.Error](err); ok && answer.Code == errs.Unavailable {
		return Unavailable(answer.Message)
	}
	calls.Add(doing, "err", err)
	return Unavailable("a part of the application is unavailable: try again in a moment")
}

func canceled() error { return &errs.Error{Code: errs.Canceled, Message: "the call was canceled"} }

var database, calls = NewLines(rlog.Error), NewLines(rlog.Error)
