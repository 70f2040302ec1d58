package sqldb

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// TestApplyMigrations pins what Encore's daemon does with migrations.
func TestApplyMigrations(t *testing.T) {
	name := fmt.Sprintf("migrate_test_%d_%d", os.Getpid(), time.Now().UnixNano())
	if err := create(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), server(name).String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	folder := t.TempDir()
	write := func(file, sql string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, file), []byte(sql), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tables := func() (names string) {
		t.Helper()
		if err := conn.QueryRow(t.Context(), `
			SELECT COALESCE(string_agg(tablename, ' ' ORDER BY tablename), '') FROM pg_tables
			WHERE schemaname = 'public' AND tablename <> 'schema_migrations'
		`).Scan(&names); err != nil {
			t.Fatal(err)
		}
		return names
	}
	fails := func(with string) {
		t.Helper()
		if err := applyMigrations(folder, name); err == nil || !strings.Contains(err.Error(), with) {
			t.Fatalf("err = %v, want %s", err, with)
		}
	}

	write("1_first.up.sql", "CREATE TABLE a (); SELECT 1/0; CREATE TABLE b ();")
	fails("division by zero")
	if got := tables(); got != "" {
		t.Errorf("a migration that failed left %s", got)
	}
	write("1_first.up.sql", "CREATE TABLE a (n int)") // without a semicolon
	write("2_index.up.sql", "CREATE INDEX CONCURRENTLY a_n ON a (n);")
	fails("CREATE INDEX CONCURRENTLY cannot")
	fails("CREATE INDEX CONCURRENTLY cannot") // not that the database is dirty
	write("2_index.up.sql", "CREATE TABLE b ();")
	for range 2 {
		if err := applyMigrations(folder, name); err != nil {
			t.Fatal(err)
		}
		if got := tables(); got != "a b" {
			t.Errorf("tables = %s, want a b", got)
		}
	}
}
