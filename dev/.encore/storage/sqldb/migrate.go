package sqldb

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/golang-migrate/migrate/v4"
	"github.com/golang-migrate/migrate/v4/database"
	_ "github.com/golang-migrate/migrate/v4/database/pgx/v5"
	"github.com/golang-migrate/migrate/v4/source"
	"github.com/golang-migrate/migrate/v4/source/file"
)

// migrate applies the migrations that the database has not seen, as Encore does.
func (db *Database) migrate(name string) error {
	if err := applyMigrations(db.migrations, name); err != nil {
		return fmt.Errorf("migrate database %s: %w", db.name, err)
	}
	return nil
}

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
	// A migration that failed has left nothing but this mark: it starts anew.
	if dirty := (migrate.ErrDirty{}); errors.As(err, &dirty) {
		before := database.NilVersion
		if version, err := files.Prev(uint(dirty.Version)); err == nil {
			before = int(version)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err = m.Force(before); err == nil {
			err = m.Up()
		}
	}
	if errors.Is(err, migrate.ErrNoChange) {
		return nil
	}
	return err
}

// atomic adds to each migration, as Encore does, the statement that marks it as
// applied. Postgres puts statements that are sent together into one transaction:
// so a migration is applied as a whole or not at all, and what can't be in a
// transaction, such as CREATE INDEX CONCURRENTLY, can't be in a migration.
type atomic struct{ source.Driver }

// ReadUp returns the migration with that statement.
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
