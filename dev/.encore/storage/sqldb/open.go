package sqldb

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Database is a Postgres database.
type Database struct {
	name       string
	migrations string

	opening chan struct{} // holds an item while somebody reads or sets pool
	pool    *pgxpool.Pool // nil until the database is created and migrated
}

// open returns the connections of the database, which is created and migrated
// first. If that fails the next use tries again: a Postgres that comes up late
// needs no restart of the application.
func (db *Database) open(ctx context.Context) (*pgxpool.Pool, error) {
	select {
	case db.opening <- struct{}{}:
		defer func() { <-db.opening }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if db.pool != nil {
		return db.pool, nil
	}

	name := db.name
	if testing.Testing() {
		// Each test binary has its own, so that they can run side by side.
		name = fmt.Sprintf("%s_test_%d_%d", name, os.Getpid(), time.Now().Unix())
	}
	if err := create(ctx, name); err != nil {
		return nil, err
	}
	if err := db.migrate(name); err != nil {
		return nil, err
	}
	pool, err := pgxpool.New(ctx, server(name).String())
	if err != nil {
		return nil, err
	}
	db.pool = pool
	return pool, nil
}

// server returns the URL of a database of the server that is named by the same
// variables as for the daemon of the Encore CLI.
func server(database string) *url.URL {
	host := cmp.Or(os.Getenv("ENCORE_SQLDB_HOST"), "localhost:5432")
	if _, _, err := net.SplitHostPort(host); err != nil {
		host = net.JoinHostPort(host, "5432")
	}
	return &url.URL{
		Scheme: "postgres",
		User: url.UserPassword(
			cmp.Or(os.Getenv("ENCORE_SQLDB_USER"), "postgres"),
			cmp.Or(os.Getenv("ENCORE_SQLDB_PASSWORD"), "postgres")),
		Host:     host,
		Path:     "/" + database,
		RawQuery: "sslmode=disable&connect_timeout=3",
	}
}

func create(ctx context.Context, name string) error {
	conn, err := pgx.Connect(ctx, server(cmp.Or(os.Getenv("ENCORE_SQLDB_DATABASE"), "postgres")).String())
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
	// The second is for two instances that create it at the same moment.
	const duplicateDatabase, uniqueViolation = "42P04", "23505"
	if pgErr := new(pgconn.PgError); errors.As(err, &pgErr) && (pgErr.Code == duplicateDatabase || pgErr.Code == uniqueViolation) {
		return nil
	}
	return err
}
