package sqldb

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/golang-migrate/migrate/v4"
	"github.com/golang-migrate/migrate/v4/database"
	_ "github.com/golang-migrate/migrate/v4/database/pgx/v5"
	"github.com/golang-migrate/migrate/v4/source"
	"github.com/golang-migrate/migrate/v4/source/file"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// open returns the connections of the database. It creates and migrates the
// database first. If that fails, the next use tries again, so that Postgres may
// start after the application.
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
	if testing.Testing() { // test binaries run at the same time
		name = fmt.Sprintf("%s_test_%d_%d", name, os.Getpid(), time.Now().Unix())
	}
	if err := create(ctx, name); err != nil {
		return nil, err
	}
	if err := applyMigrations(db.migrations, name); err != nil {
		return nil, fmt.Errorf("migrate database %s: %w", db.name, err)
	}
	pool, err := pgxpool.New(ctx, server(name).String())
	if err != nil {
		return nil, err
	}
	db.pool = pool
	return pool, nil
}

// server returns the URL of a database. The environment variables are those of the Encore CLI.
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

// create creates a database if it doesn't exist.
func create(ctx context.Context, name string) error {
	conn, err := pgx.Connect(ctx, server(cmp.Or(os.Getenv("ENCORE_SQLDB_DATABASE"), "postgres")).String())
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
	// Postgres reports the second if two instances create it at the same time.
	const duplicateDatabase, uniqueViolation = "42P04", "23505"
	if pgErr := new(pgconn.PgError); errors.As(err, &pgErr) && (pgErr.Code == duplicateDatabase || pgErr.Code == uniqueViolation) {
		return nil
	}
	return err
}

// applyMigrations applies the migrations that are new to the database.
func applyMigrations(folder, databaseName string) error {
	files, err := new(file.File).Open("file://" + folder)
	if err != nil {
		return err
	}
	files = atomic{files}
	target := server(databaseName)
	target.Scheme = "pgx5"
	m, err := migrate.NewWithSourceInstance("file", files, target.String())
	if err != nil {
		return err
	}
	defer m.Close()

	err = m.Up()
	if dirty := (migrate.ErrDirty{}); errors.As(err, &dirty) {
		// A failed migration changed nothing, so it can run again.
		if err = m.Force(cmp.Or(dirty.Version-1, database.NilVersion)); err == nil {
			err = m.Up()
		}
	}
	if errors.Is(err, migrate.ErrNoChange) {
		return nil
	}
	return err
}

// atomic appends to each migration the statement that marks it as applied, as
// Encore does. Postgres runs statements that are sent together in one transaction.
type atomic struct{ source.Driver }

// ReadUp returns a migration with that statement.
func (a atomic) ReadUp(version uint) (io.ReadCloser, string, error) {
	migration, identifier, err := a.Driver.ReadUp(version)
	if err != nil {
		return nil, "", err
	}
	applied := fmt.Sprintf(";\nINSERT INTO schema_migrations (version, dirty) VALUES (%d, FALSE) ON CONFLICT (version) DO UPDATE SET dirty = FALSE;", version)
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(migration, strings.NewReader(applied)), migration}, identifier, nil
}
