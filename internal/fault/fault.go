// Package fault makes the errors for outages and overload. They tell the client when
// to try again. Their causes are logged at a limited rate.
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

// Unavailable returns errs.Unavailable with a message for the client.
func Unavailable(message string) error {
	return &errs.Error{Code: errs.Unavailable, Message: message, Details: RetryAfter{1}}
}

// TooMany returns errs.ResourceExhausted (HTTP status 429) with a message for the
// client, who may try again after wait.
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

// Call returns errs.Unavailable for an unexpected error of a call to another service.
// That service may run in its own process. Encore then drops the details of its
// errors, and connection errors contain addresses that clients must not see. Call logs
// the cause unless the service did. If the call was canceled, it logs nothing and
// returns errs.Canceled.
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
