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

type DatabaseConfig struct {
	Migrations string // the folder, relative to the service
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

type Tx struct {
	statements
	tx pgx.Tx
}

func (tx *Tx) Commit() error { return convert(tx.tx.Commit(context.Background())) }

// Rollback rolls the transaction back. After Commit it only returns an error.
func (tx *Tx) Rollback() error { return convert(tx.tx.Rollback(context.Background())) }

type ExecResult interface{ RowsAffected() int64 }

type querier interface {
	Exec(ctx context.Context, query string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, query string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) pgx.Row
}

// statements are the methods of databases and transactions.
type statements func(context.Context) (querier, error)

func (s statements) Exec(ctx context.Context, query string, args ...any) (ExecResult, error) {
	q, err := s(ctx)
	if err != nil {
		return nil, convert(err)
	}
	result, err := q.Exec(ctx, query, args...)
	return result, convert(err)
}

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

func (s statements) QueryRow(ctx context.Context, query string, args ...any) *Row {
	q, err := s(ctx)
	if err != nil {
		return &Row{err: err}
	}
	return &Row{row: q.QueryRow(ctx, query, args...)}
}

// Rows is the result of Query. Its errors have no code, as on Encore.
type Rows struct{ pgx.Rows }

// Row is the result of QueryRow.
type Row struct {
	row pgx.Row
	err error
}

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
