package fault

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"encore.dev/beta/errs"
)

func TestLines_LimitsRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type line struct {
			message       string
			keysAndValues []any
		}
		var lines []line
		l := NewLines(func(message string, keysAndValues ...any) {
			lines = append(lines, line{message, keysAndValues})
		})
		for range 1000 {
			l.Add("read user", "err", "first")
			l.Add("list users")
		}
		time.Sleep(time.Second)
		l.Add("read user", "err", "last")

		want := []line{
			{"read user", []any{"err", "first", "count", 1}},
			{"list users", []any{"count", 1}},
			{"read user", []any{"err", "last", "count", 1000}},
		}
		if !reflect.DeepEqual(lines, want) {
			t.Errorf("lines = %v, want %v", lines, want)
		}
	})
}

func TestTooMany(t *testing.T) {
	for wait, want := range map[time.Duration]int{0: 1, time.Millisecond: 1, time.Second: 1, 1001 * time.Millisecond: 2, time.Minute: 60} {
		err := TooMany("later", wait)
		if errs.Code(err) != errs.ResourceExhausted || errs.Details(err) != (RetryAfter{want}) {
			t.Errorf("%s: %v with %v, want %d seconds", wait, err, errs.Details(err), want)
		}
	}
}

// The client learns when to try again, but not the cause.
func TestDatabase(t *testing.T) {
	cause := errors.New(`relation "users" does not exist`)
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	late, stop := context.WithTimeout(t.Context(), 0)
	defer stop()
	for name, tt := range map[string]struct {
		ctx     context.Context
		want    errs.ErrCode
		details errs.ErrDetails
	}{
		"an error": {t.Context(), errs.Unavailable, RetryAfter{1}},
		"timeout":  {late, errs.Unavailable, RetryAfter{1}},
		"canceled": {canceled, errs.Canceled, nil},
	} {
		err := Database(tt.ctx, "read user", cause)
		if errs.Code(err) != tt.want || errs.Details(err) != tt.details || strings.Contains(err.Error(), "relation") {
			t.Errorf("%s: %v with %v, want %s with %v", name, err, errs.Details(err), tt.want, tt.details)
		}
	}
}

// The client learns when to try again, but no addresses.
func TestCall(t *testing.T) {
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	away := errors.New(`Post "http://10.0.0.7:4000/users.Ensure": connection refused`)
	for name, tt := range map[string]struct {
		ctx     context.Context
		err     error
		want    errs.ErrCode
		details errs.ErrDetails
	}{
		"unreachable":               {t.Context(), away, errs.Unavailable, RetryAfter{1}},
		"unreachable, converted":    {t.Context(), errs.Convert(away), errs.Unavailable, RetryAfter{1}},
		"unavailable, details lost": {t.Context(), &errs.Error{Code: errs.Unavailable, Message: "later"}, errs.Unavailable, RetryAfter{1}},
		"canceled":                  {canceled, context.Canceled, errs.Canceled, nil},
	} {
		err := Call(tt.ctx, "ensure user", tt.err)
		if errs.Code(err) != tt.want || errs.Details(err) != tt.details || strings.Contains(err.Error(), "10.0.0.7") {
			t.Errorf("%s: %v with %v, want %s with %v", name, err, errs.Details(err), tt.want, tt.details)
		}
	}
	if err := Call(t.Context(), "ensure user", &errs.Error{Code: errs.Unavailable, Message: "later"}); errs.Convert(err).(*errs.Error).Message != "later" {
		t.Errorf("%v, want the service's message", err)
	}
}
