// Package migrationtest tests that migrations don't block other calls. See
// docs/migrations.md.
package migrationtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Apply applies the migrations in the folder one by one, in a schema of their own. It
// fills each new table with the statement that rows has for the table. The test
// fails if a migration would block calls for long on large tables, that is, if it:
//
//   - waits for a lock so that other calls wait for more than a second,
//   - reads or rewrites a whole table while it holds a lock that blocks calls,
//   - changes rows, or
//   - locks a table without first keeping autovacuum away, which can make
//     short attempts to get the lock fail for hours.
func Apply(t *testing.T, db *sql.DB, folder string, rows map[string]string) {
	s := &schema{t: t, name: "migrationtest_" + strings.ToLower(rand.Text())}
	s.migration, s.transaction, s.calls = s.connect(db), s.connect(db), s.connect(db)
	s.exec(s.calls, "CREATE SCHEMA "+s.name)
	defer s.exec(s.calls, "DROP SCHEMA "+s.name+" CASCADE")

	files, err := filepath.Glob(filepath.Join(folder, "*.up.sql"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no migrations in %s: %v", folder, err)
	}
	for i := range files {
		file, _ := filepath.Glob(filepath.Join(folder, fmt.Sprintf("%d_*.up.sql", i+1)))
		if len(file) != 1 {
			t.Fatalf("%d migrations have the number %d of %d", len(file), i+1, len(files))
		}
		before := s.tables()
		s.apply(file[0], slices.Sorted(maps.Keys(before)))
		if t.Failed() {
			return
		}
		for table := range s.tables() {
			if _, ok := before[table]; ok {
				continue
			}
			if rows[table] == "" {
				t.Fatalf("no statement to fill the table %s", table)
			}
			s.exec(s.calls, rows[table])
		}
	}
}

type schema struct {
	t    *testing.T
	name string
	// The connections of the migration, a long transaction and the application.
	migration, transaction, calls *sql.Conn
}

func (s *schema) connect(db *sql.DB) *sql.Conn {
	s.t.Helper()
	conn, err := db.Conn(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		conn.ExecContext(context.Background(), "RESET search_path")
		conn.Close()
	})
	s.exec(conn, "SET search_path TO "+s.name)
	return conn
}

type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

func (s *schema) exec(on execer, query string) {
	s.t.Helper()
	if _, err := on.ExecContext(s.t.Context(), query); err != nil {
		s.t.Fatalf("%v: %s", err, query)
	}
}

func (s *schema) begin(conn *sql.Conn) *sql.Tx {
	s.t.Helper()
	tx, err := conn.BeginTx(s.t.Context(), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return tx
}

// concurrently finds statements that a migration says to run by hand first.
var concurrently = regexp.MustCompile(`(?m)^-- +(CREATE (?:UNIQUE )?INDEX CONCURRENTLY .*;)$`)

// apply applies a migration while the tables are in use.
func (s *schema) apply(file string, tables []string) {
	s.t.Helper()
	script, err := os.ReadFile(file)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, byHand := range concurrently.FindAllSubmatch(script, -1) {
		s.exec(s.migration, string(byHand[1]))
	}

	long := s.begin(s.transaction)
	for _, table := range tables {
		s.exec(long, "LOCK TABLE "+table+" IN ROW EXCLUSIVE MODE")
	}
	migration := s.begin(s.migration)
	before := s.usage(migration, tables)
	applied := make(chan error, 1)
	go func() {
		_, err := migration.ExecContext(s.t.Context(), string(script))
		applied <- err
		close(applied)
	}()
	defer func() { // even if the test fails
		long.Rollback()
		<-applied
		migration.Rollback()
	}()
	for range 3 {
		if !s.waitsForLock(before.pid, applied) {
			break
		}
		s.accessTables(file, tables)
	}
	long.Rollback()
	if err = <-applied; err != nil {
		// The migration may give up. It is then applied again.
		migration.Rollback()
		migration = s.begin(s.migration)
		before = s.usage(migration, tables)
		if _, err := migration.ExecContext(s.t.Context(), string(script)); err != nil {
			s.t.Fatalf("%s: %v", file, err)
		}
	}
	s.check(file, before, s.usage(migration, tables))
	if err := migration.Commit(); err != nil {
		s.t.Fatalf("%s: %v", file, err)
	}
}

// waitsForLock waits until the migration waits for a lock, or returns false if it ends.
func (s *schema) waitsForLock(pid int, applied <-chan error) (waiting bool) {
	s.t.Helper()
	for !waiting {
		if len(applied) > 0 {
			return false
		}
		if err := s.calls.QueryRowContext(s.t.Context(), `
			SELECT EXISTS (SELECT FROM pg_locks WHERE pid = $1 AND NOT granted)
		`, pid).Scan(&waiting); err != nil {
			s.t.Fatal(err)
		}
	}
	return true
}

// accessTables reads and writes each table, as the application does.
func (s *schema) accessTables(file string, tables []string) {
	s.t.Helper()
	tx := s.begin(s.calls)
	defer tx.Rollback()
	s.exec(tx, "SET LOCAL lock_timeout = '1s'")
	for _, table := range tables {
		for _, statement := range []string{
			"SELECT FROM " + table + " LIMIT 1",
			"DELETE FROM " + table + " WHERE ctid = (SELECT ctid FROM " + table + " LIMIT 1)",
		} {
			if _, err := tx.ExecContext(s.t.Context(), statement); err != nil {
				s.t.Fatalf("%s waits for a lock and makes a call wait for more than a second: %v", file, err)
			}
		}
	}
}

type usage struct {
	pid    int
	tables map[string]tableUsage
}

type tableUsage struct {
	storage       int64 // changes when the table is rewritten
	read, changed int64 // rows
	blocksWrites  bool  // from writing, or altogether
	blocksVacuum  bool
}

func (s *schema) usage(tx *sql.Tx, tables []string) usage {
	s.t.Helper()
	u := usage{tables: map[string]tableUsage{}}
	if err := tx.QueryRow("SELECT pg_backend_pid()").Scan(&u.pid); err != nil {
		s.t.Fatal(err)
	}
	for _, table := range tables {
		var found tableUsage
		if err := tx.QueryRow(`
			SELECT pg_relation_filenode(id), pg_stat_get_xact_tuples_returned(id),
				pg_stat_get_xact_tuples_updated(id) + pg_stat_get_xact_tuples_deleted(id),
				EXISTS (
					SELECT FROM pg_locks WHERE pid = pg_backend_pid() AND relation = id
					AND mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
				), EXISTS (
					SELECT FROM pg_locks WHERE pid = pg_backend_pid() AND relation = id AND mode = 'ShareUpdateExclusiveLock'
				)
			FROM to_regclass($1) AS id WHERE id IS NOT NULL
		`, s.name+"."+table).Scan(&found.storage, &found.read, &found.changed, &found.blocksWrites, &found.blocksVacuum); err == nil {
			u.tables[table] = found
		} else if !errors.Is(err, sql.ErrNoRows) { // no rows: the table was dropped
			s.t.Fatal(err)
		}
	}
	return u
}

func (s *schema) check(file string, before, after usage) {
	s.t.Helper()
	var locked, read []string
	for table, now := range after.tables {
		if now.blocksWrites {
			locked = append(locked, table)
			if !now.blocksVacuum {
				s.t.Errorf("%s has no LOCK TABLE %s IN SHARE UPDATE EXCLUSIVE MODE", file, table)
			}
		}
		switch was := before.tables[table]; {
		case now.changed > was.changed:
			s.t.Errorf("%s changes rows of %s: calls that change the same ones wait until it ends", file, table)
		case now.storage != was.storage:
			s.t.Errorf("%s rewrites %s", file, table)
		case now.read > was.read:
			read = append(read, table)
		}
	}
	if len(locked) > 0 && len(read) > 0 {
		s.t.Errorf("%s reads all rows of %s, and calls that use %s wait until it ends",
			file, strings.Join(read, ", "), strings.Join(locked, ", "))
	}
}

func (s *schema) tables() map[string]struct{} {
	s.t.Helper()
	rows, err := s.calls.QueryContext(s.t.Context(), "SELECT tablename FROM pg_tables WHERE schemaname = $1", s.name)
	if err != nil {
		s.t.Fatal(err)
	}
	defer rows.Close()
	tables := map[string]struct{}{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			s.t.Fatal(err)
		}
		tables[name] = struct{}{}
	}
	if err := rows.Err(); err != nil {
		s.t.Fatal(err)
	}
	return tables
}
