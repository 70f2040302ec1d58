// Package errs has the errors that endpoints return.
package errs

import (
	"errors"
	"net/http"
	"strings"

	jsoniter "github.com/json-iterator/go"
)

// ErrCode is an error code, with gRPC's numbers.
type ErrCode int

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

var codes = [...]struct {
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

func (c ErrCode) String() string { return codes[c].name }

func HTTPStatus(err error) int { return codes[Code(err)].status }

// ErrDetails is what an error tells the client besides the message.
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

// ErrorMessage returns the messages of the error and its causes. The client sees them all.
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

func (e *Error) Unwrap() error { return e.cause }

// WrapCode adds a code and a message to err. It returns nil for nil.
func WrapCode(err error, code ErrCode, msg string) error {
	if err == nil || code == OK {
		return nil
	}
	return &Error{Code: code, Message: msg, Details: Details(err), cause: err}
}

// Wrap adds a message to err and keeps its code. It returns nil for nil.
func Wrap(err error, msg string) error { return WrapCode(err, Code(err), msg) }

// Convert returns err as an *Error. An error without a code gets the code Unknown.
func Convert(err error) error {
	inner, ok := errors.AsType[*Error](err)
	if err == nil || err == error(inner) {
		return err
	} else if ok {
		return &Error{Code: inner.Code, Message: err.Error(), Details: inner.Details, cause: err}
	}
	return &Error{Code: Unknown, cause: err}
}

// Code returns the code of err: OK for nil, Unknown for an error without a code.
func Code(err error) ErrCode {
	if err == nil {
		return OK
	} else if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Unknown
}

// Details returns the details of err, or nil.
func Details(err error) ErrDetails {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Details
	}
	return nil
}

// Builder builds an error. The client sees the text of its cause.
type Builder struct{ err Error }

func B() *Builder { return &Builder{Error{Code: Unknown}} }

func (b *Builder) Code(c ErrCode) *Builder       { b.err.Code = c; return b }
func (b *Builder) Msg(msg string) *Builder       { b.err.Message = msg; return b }
func (b *Builder) Details(d ErrDetails) *Builder { b.err.Details = d; return b }
func (b *Builder) Cause(err error) *Builder      { b.err.cause = err; return b }

func (b *Builder) Err() error {
	e := b.err
	if e.Message == "" && e.cause == nil {
		e.Message = "unknown error"
	}
	return &e
}

var json = jsoniter.Config{EscapeHTML: false}.Froze()

// HTTPError writes err as the response.
func HTTPError(w http.ResponseWriter, err error) {
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
		body.Details = nil // the strings can be marshalled
		data, _ = json.MarshalIndent(body, "", "  ")
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(HTTPStatus(err))
	_, _ = w.Write(data)
}
