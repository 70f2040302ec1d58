// Package sqldb gives a service its Postgres database.
package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"runtime"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"encore.dev/beta/errs"
)

// ErrNoRows is the error of Row.Scan if there is no row.
var ErrNoRows = sql.ErrNoRows

// DatabaseConfig configures a database.
type DatabaseConfig struct {
	// Migrations is the folder of the migrations, relative to the service.
	Migrations string
}

// NewDatabase declares a database. It is created and migrated on first use.
func NewDatabase(name string, config DatabaseConfig) *Database {
	_, file, _, _ := runtime.Caller(1)
	db := &Database{
		name:       name,
		migrations: filepath.Join(filepath.Dir(file), config.Migrations),
		opening:    make(chan struct{}, 1),
	}
	db.statements = func(ctx context.Context) (querier, error) { return db.open(ctx) }
	return db
}

// Database is a Postgres database.
type Database struct {
	statements
	name       string
	migrations string

	opening chan struct{} // a lock that a context can interrupt
	pool    *pgxpool.Pool // nil until the database is created and migrated
}

// Stdlib returns the database for database/sql. It panics if the database can't be reached.
func (db *Database) Stdlib() *sql.DB {
	pool, err := db.open(context.Background())
	if err != nil {
		panic("sqldb: " + err.Error())
	}
	return stdlib.OpenDBFromPool(pool)
}

// Begin begins a transaction.
func (db *Database) Begin(ctx context.Context) (*Tx, error) {
	pool, err := db.open(ctx)
	if err != nil {
		return nil, convert(err)
	}
	tx, err := pool.Begin(ctx)
	if err != nil {
		return nil, convert(err)
	}
	return &Tx{func(context.Context) (querier, error) { return tx, nil }, tx}, nil
}

// Tx is a transaction.
type Tx struct {
	statements
	tx pgx.Tx
}

// Commit commits the transaction.
func (tx *Tx) Commit() error { return convert(tx.tx.Commit(context.Background())) }

// Rollback rolls the transaction back. After Commit it only returns an error.
func (tx *Tx) Rollback() error { return convert(tx.tx.Rollback(context.Background())) }

// ExecResult is the result of Exec.
type ExecResult interface{ RowsAffected() int64 }

type querier interface {
	Exec(ctx context.Context, query string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, query string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) pgx.Row
}

// statements are the methods of databases and transactions.
type statements func(context.Context) (querier, error)

// Exec executes a statement.
func (s statements) Exec(ctx context.Context, query string, args ...any) (ExecResult, error) {
	q, err := s(ctx)
	if err != nil {
		return nil, convert(err)
	}
	result, err := q.Exec(ctx, query, args...)
	return result, convert(err)
}

// Query executes a query. Close the rows or read them all.
func (s statements) Query(ctx context.Context, query string, args ...any) (*Rows, error) {
	q, err := s(ctx)
	if err != nil {
		return nil, convert(err)
	}
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return nil, convert(err)
	}
	return &Rows{rows}, nil
}

// QueryRow executes a query for one row.
func (s statements) QueryRow(ctx context.Context, query string, args ...any) *Row {
	q, err := s(ctx)
	if err != nil {
		return &Row{err: err}
	}
	return &Row{row: q.QueryRow(ctx, query, args...)}
}

// Rows is the result of Query. Its errors have no code, as on Encore.
type Rows struct{ rows pgx.Rows }

// Next goes to the next row. It returns false after the last one and after an error.
func (r *Rows) Next() bool { return r.rows.Next() }

// Scan copies the columns of the row into dest.
func (r *Rows) Scan(dest ...any) error { return r.rows.Scan(dest...) }

// Err returns the error that ended the rows, if there was one.
func (r *Rows) Err() error { return r.rows.Err() }

// Close closes the rows.
func (r *Rows) Close() { r.rows.Close() }

// Row is the result of QueryRow.
type Row struct {
	row pgx.Row
	err error
}

// Scan copies the columns of the row into dest. It returns ErrNoRows if there is no row.
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
	case errors.Is(err, pgx.ErrTxClosed), errors.Is(err, pgx.ErrTxCommitRollback):
		return errs.WrapCode(err, errs.Internal, "")
	case errors.Is(err, context.DeadlineExceeded):
		return errs.WrapCode(err, errs.DeadlineExceeded, "")
	case errors.Is(err, context.Canceled):
		return errs.WrapCode(err, errs.Canceled, "")
	}
	return errs.WrapCode(err, errs.Unavailable, "")
}
