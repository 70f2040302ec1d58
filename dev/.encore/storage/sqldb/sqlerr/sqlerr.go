// Package sqlerr has the kinds of errors that a database reports.
package sqlerr

import "cmp"

// Code is a kind of error.
type Code string

// The kinds there are.
const (
	Other               Code = "other"
	NotNullViolation    Code = "not_null_violation"
	ForeignKeyViolation Code = "foreign_key_violation"
	UniqueViolation     Code = "unique_violation"
	CheckViolation      Code = "check_violation"
	ExcludeViolation    Code = "exclude_violation"
	TransactionFailed   Code = "transaction_failed"
	DeadlockDetected    Code = "deadlock_detected"
	TooManyConnections  Code = "too_many_connections"
)

var codes = map[string]Code{
	"23502": NotNullViolation,
	"23503": ForeignKeyViolation,
	"23505": UniqueViolation,
	"23514": CheckViolation,
	"23P01": ExcludeViolation,
	"25P02": TransactionFailed,
	"40P01": DeadlockDetected,
	"53300": TooManyConnections,
}

// FromSQLState returns the kind of an error with the SQLSTATE code.
func FromSQLState(state string) Code { return cmp.Or(codes[state], Other) }
