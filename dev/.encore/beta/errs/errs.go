// Package errs has the errors that Encore endpoints return.
package errs

import (
	"errors"
	"net/http"
	"strings"

	jsoniter "github.com/json-iterator/go"
)

// ErrCode is an error code. Its numbers are those of gRPC.
type ErrCode int

// The codes an error can have.
const (
	OK ErrCode = iota
	Canceled
	Unknown
	InvalidArgument
	DeadlineExceeded
	NotFound
	AlreadyExists
	PermissionDenied
	ResourceExhausted
	FailedPrecondition
	Aborted
	OutOfRange
	Unimplemented
	Internal
	Unavailable
	DataLoss
	Unauthenticated
)

var codes = map[ErrCode]struct {
	name   string
	status int
}{
	OK:                 {"ok", 200},
	Canceled:           {"canceled", 499},
	Unknown:            {"unknown", 500},
	InvalidArgument:    {"invalid_argument", 400},
	DeadlineExceeded:   {"deadline_exceeded", 504},
	NotFound:           {"not_found", 404},
	AlreadyExists:      {"already_exists", 409},
	PermissionDenied:   {"permission_denied", 403},
	ResourceExhausted:  {"resource_exhausted", 429},
	FailedPrecondition: {"failed_precondition", 400},
	Aborted:            {"aborted", 409},
	OutOfRange:         {"out_of_range", 400},
	Unimplemented:      {"unimplemented", 501},
	Internal:           {"internal", 500},
	Unavailable:        {"unavailable", 503},
	DataLoss:           {"data_loss", 500},
	Unauthenticated:    {"unauthenticated", 401},
}

// String returns the name of the code, as it appears in answers.
func (c ErrCode) String() string { return codes[c].name }

// HTTPStatus returns the HTTP status for err; that of a nil error is 200.
func HTTPStatus(err error) int { return codes[Code(err)].status }

// ErrDetails is what an error may carry for the client besides the message.
type ErrDetails interface{ ErrDetails() }

// Error is an error with a code and a message for the client.
type Error struct {
	Code    ErrCode
	Message string
	Details ErrDetails

	cause error
}

// Error returns the code and the message.
func (e *Error) Error() string {
	if e.Code == Unknown {
		return "unknown code: " + e.ErrorMessage()
	}
	return e.Code.String() + ": " + e.ErrorMessage()
}

// ErrorMessage returns the message followed by those of the causes. It is what
// the client gets to read.
func (e *Error) ErrorMessage() string {
	var parts []string
	for err := error(e); err != nil; {
		inner, ok := err.(*Error)
		if !ok {
			parts = append(parts, err.Error())
			break
		}
		if inner.Message != "" {
			parts = append(parts, inner.Message)
		}
		err = inner.cause
	}
	return strings.Join(parts, ": ")
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.cause }

// Wrap adds a message to err and keeps its code. It returns nil for nil.
func Wrap(err error, msg string) error {
	if err == nil {
		return nil
	}
	return &Error{Code: Code(err), Message: msg, Details: Details(err), cause: err}
}

// WrapCode adds a code and a message to err. It returns nil for nil.
func WrapCode(err error, code ErrCode, msg string) error {
	if err == nil || code == OK {
		return nil
	}
	return &Error{Code: code, Message: msg, Details: Details(err), cause: err}
}

// Convert returns err as an *Error. Any other error gets the code Unknown and
// keeps its text.
func Convert(err error) error {
	if err == nil {
		return nil
	}
	if e, ok := err.(*Error); ok {
		return e
	}
	var inner *Error
	if errors.As(err, &inner) {
		return &Error{Code: inner.Code, Message: err.Error(), Details: inner.Details, cause: err}
	}
	return &Error{Code: Unknown, cause: err}
}

// Code returns the code of err: OK for nil, Unknown for an error without one.
func Code(err error) ErrCode {
	if err == nil {
		return OK
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Unknown
}

// Details returns the details of err, or nil.
func Details(err error) ErrDetails {
	var e *Error
	if errors.As(err, &e) {
		return e.Details
	}
	return nil
}

// Builder builds an error.
type Builder struct{ err Error }

// B returns a new Builder.
func B() *Builder { return &Builder{} }

// Code sets the code.
func (b *Builder) Code(c ErrCode) *Builder { b.err.Code = c; return b }

// Msg sets the message.
func (b *Builder) Msg(msg string) *Builder { b.err.Message = msg; return b }

// Details sets what the client gets besides the message.
func (b *Builder) Details(d ErrDetails) *Builder { b.err.Details = d; return b }

// Cause sets the cause, whose text the client will see.
func (b *Builder) Cause(err error) *Builder { b.err.cause = err; return b }

// Err returns the error.
func (b *Builder) Err() error {
	e := b.err
	if e.Code == OK {
		e.Code = Unknown
	}
	if e.Message == "" && e.cause == nil {
		e.Message = "unknown error"
	}
	return &e
}

var json = jsoniter.Config{EscapeHTML: false}.Froze()

// HTTPError writes err to w in the shape clients expect.
func HTTPError(w http.ResponseWriter, err error) { HTTPErrorWithCode(w, err, HTTPStatus(err)) }

// HTTPErrorWithCode writes err to w with a status of its own.
func HTTPErrorWithCode(w http.ResponseWriter, err error, status int) {
	body := struct {
		Code    string     `json:"code"`
		Message string     `json:"message"`
		Details ErrDetails `json:"details"`
	}{Code: Code(err).String(), Details: Details(err)}
	if e, ok := Convert(err).(*Error); ok {
		body.Message = e.ErrorMessage()
	}
	data, marshalErr := json.MarshalIndent(body, "", "  ")
	if marshalErr != nil {
		body.Details = nil // nothing else in it can fail
		data, _ = json.MarshalIndent(body, "", "  ")
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(data) // the client is gone; there is nobody to tell
}
