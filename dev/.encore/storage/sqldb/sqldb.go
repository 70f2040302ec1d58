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
	"github.com/jackc/pgx/v5/stdlib"

	"encore.dev/beta/errs"
	"encore.dev/storage/sqldb/sqlerr"
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
	return exec(ctx, pool, query, args)
}

// Query executes a query. The rows must be closed, or read to their end.
func (db *Database) Query(ctx context.Context, query string, args ...any) (*Rows, error) {
	pool, err := db.open(ctx)
	if err != nil {
		return nil, convert(err)
	}
	return queryRows(ctx, pool, query, args)
}

// QueryRow executes a query that returns one row at most.
func (db *Database) QueryRow(ctx context.Context, query string, args ...any) *Row {
	pool, err := db.open(ctx)
	if err != nil {
		return &Row{err: err}
	}
	return &Row{row: pool.QueryRow(ctx, query, args...)}
}

// Stdlib returns the database for database/sql. It panics if the database can't
// be reached.
func (db *Database) Stdlib() *sql.DB {
	pool, err := db.open(context.Background())
	if err != nil {
		panic("sqldb: " + err.Error())
	}
	return stdlib.OpenDBFromPool(pool)
}

// Begin begins a transaction, which must be committed or rolled back.
func (db *Database) Begin(ctx context.Context) (*Tx, error) {
	pool, err := db.open(ctx)
	if err != nil {
		return nil, convert(err)
	}
	tx, err := pool.Begin(ctx)
	if err != nil {
		return nil, convert(err)
	}
	return &Tx{tx}, nil
}

// Tx is a transaction.
type Tx struct{ tx pgx.Tx }

// Exec executes a statement.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (ExecResult, error) {
	return exec(ctx, tx.tx, query, args)
}

// Query executes a query. The rows must be closed, or read to their end, before
// the transaction is used again.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*Rows, error) {
	return queryRows(ctx, tx.tx, query, args)
}

// QueryRow executes a query that returns one row at most.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) *Row {
	return &Row{row: tx.tx.QueryRow(ctx, query, args...)}
}

// Commit makes it count.
func (tx *Tx) Commit() error { return convert(tx.tx.Commit(context.Background())) }

// Rollback undoes it. After Commit it does nothing but return an error.
func (tx *Tx) Rollback() error { return convert(tx.tx.Rollback(context.Background())) }

// querier is a pool or a transaction.
type querier interface {
	Exec(ctx context.Context, query string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, query string, args ...any) (pgx.Rows, error)
}

func exec(ctx context.Context, q querier, query string, args []any) (ExecResult, error) {
	result, err := q.Exec(ctx, query, args...)
	return result, convert(err)
}

func queryRows(ctx context.Context, q querier, query string, args []any) (*Rows, error) {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return nil, convert(err)
	}
	return &Rows{rows}, nil
}

// Rows are the result of Query. Their errors are the driver's, not converted.
type Rows struct{ rows pgx.Rows }

// Next goes to the next row, the first at first. It returns false after the
// last, and after an error, which Err tells.
func (r *Rows) Next() bool { return r.rows.Next() }

// Scan copies the columns of the row into dest.
func (r *Rows) Scan(dest ...any) error { return r.rows.Scan(dest...) }

// Err returns the error that ended the rows, if it was one.
func (r *Rows) Err() error { return r.rows.Err() }

// Close ends the reading.
func (r *Rows) Close() { r.rows.Close() }

// Row is the result of QueryRow.
type Row struct {
	row pgx.Row
	err error
}

// Scan copies the columns of the row into dest. It returns ErrNoRows if there is none.
func (r *Row) Scan(dest ...any) error {
	if r.err != nil {
		return convert(r.err)
	}
	return convert(r.row.Scan(dest...))
}

// ErrCode returns what kind of error the database reported. It returns
// sqlerr.Other for an error that is none of the database's.
func ErrCode(err error) sqlerr.Code {
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) {
		return sqlerr.FromSQLState(pgErr.Code)
	}
	return sqlerr.Other
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
