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

// Database returns errs.Unavailable for an error of the database and logs its
// cause, which is not for the client. If the call was canceled it returns
// errs.Canceled and logs nothing: nobody is waiting for the answer.
func Database(ctx context.Context, doing string, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return &errs.Error{Code: errs.Canceled, Message: "the call was canceled"}
	}
	database.Add(doing, "err", err)
	return Unavailable("the database is unavailable: try again in a moment")
}

var database = NewLines(rlog.Error)
