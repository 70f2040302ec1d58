// Package fault makes errors for outages and overload, and logs their causes.
package fault

import (
	"context"
	"errors"
	"math"
	"time"

	"encore.dev/beta/errs"
	"encore.dev/rlog"
)

// RetryAfter tells the client when to try again. It replaces the Retry-After header
// (RFC 9110, section 10.2.3), because Encore's errors can't have headers.
type RetryAfter struct {
	// RetryAfter is in seconds, at least 1.
	RetryAfter int `json:"retry_after"`
}

// ErrDetails implements errs.ErrDetails.
func (RetryAfter) ErrDetails() {}

func Unavailable(message string) error {
	return &errs.Error{Code: errs.Unavailable, Message: message, Details: RetryAfter{1}}
}

// TooMany returns errs.ResourceExhausted (HTTP status 429).
func TooMany(message string, wait time.Duration) error {
	seconds := max(1, int(math.Ceil(wait.Seconds())))
	return &errs.Error{Code: errs.ResourceExhausted, Message: message, Details: RetryAfter{seconds}}
}

// QueryTimeout limits database work, so that calls fail fast in an outage.
const QueryTimeout = 3 * time.Second

// Database logs a database error and returns errs.Unavailable without the cause. If
// the call was canceled, it logs nothing and returns errs.Canceled.
func Database(ctx context.Context, action string, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return canceled()
	}
	database.Add(action, "err", err)
	return Unavailable("the database is unavailable: try again in a moment")
}

// Call returns errs.Unavailable for a failed call to another service, and logs the cause
// unless that service did. The cause may contain addresses, which clients must not see.
// If the call was canceled, it returns errs.Canceled and logs nothing.
func Call(ctx context.Context, action string, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return canceled()
	}
	if answer, ok := errors.AsType[*errs.Error](err); ok && answer.Code == errs.Unavailable {
		return Unavailable(answer.Message)
	}
	calls.Add(action, "err", err)
	return Unavailable("a part of the application is unavailable: try again in a moment")
}

func canceled() error { return &errs.Error{Code: errs.Canceled, Message: "the call was canceled"} }

var database, calls = NewLines(rlog.Error), NewLines(rlog.Error)
