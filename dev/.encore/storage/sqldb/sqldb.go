// Package sqldb gives a service its Postgres database.
package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"runtime"

	"github.com/jackc/pgx/v5"

	"encore.dev/beta/errs"
)

// ErrNoRows is what Row.Scan returns if there is no row.
var ErrNoRows = sql.ErrNoRows

// DatabaseConfig configures a database.
type DatabaseConfig struct {
	// Migrations is the folder of the migrations, relative to the service.
	Migrations string
}

// NewDatabase declares a database. It is created and migrated on first use.
func NewDatabase(name string, config DatabaseConfig) *Database {
	_, file, _, _ := runtime.Caller(1)
	return &Database{
		name:       name,
		migrations: filepath.Join(filepath.Dir(file), config.Migrations),
		opening:    make(chan struct{}, 1),
	}
}

// ExecResult tells what a statement did.
type ExecResult interface{ RowsAffected() int64 }

// Exec executes a statement.
func (db *Database) Exec(ctx context.Context, query string, args ...any) (ExecResult, error) {
	pool, err := db.open(ctx)
	if err != nil {
		return nil, convert(err)
	}
	result, err := pool.Exec(ctx, query, args...)
	return result, convert(err)
}

// Row is the result of QueryRow.
type Row struct {
	row pgx.Row
	err error
}

// QueryRow executes a query that returns one row at most.
func (db *Database) QueryRow(ctx context.Context, query string, args ...any) *Row {
	pool, err := db.open(ctx)
	if err != nil {
		return &Row{err: err}
	}
	return &Row{row: pool.QueryRow(ctx, query, args...)}
}

// Scan copies the columns of the row into dest. It returns ErrNoRows if there is none.
func (r *Row) Scan(dest ...any) error {
	if r.err != nil {
		return convert(r.err)
	}
	return convert(r.row.Scan(dest...))
}

// convert gives a database error the code that Encore gives it.
func convert(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, pgx.ErrNoRows):
		return errs.WrapCode(ErrNoRows, errs.NotFound, "")
	case errors.Is(err, context.DeadlineExceeded):
		return errs.WrapCode(err, errs.DeadlineExceeded, "")
	case errors.Is(err, context.Canceled):
		return errs.WrapCode(err, errs.Canceled, "")
	}
	return errs.WrapCode(err, errs.Unavailable, "")
}
