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

// A migration is applied as a whole or not at all, and once it is corrected it is applied.
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
	for _, step := range []struct{ file, sql, error, tables string }{
		{"1_first.up.sql", "CREATE TABLE a (); SELECT 1/0; CREATE TABLE b ();", "division by zero", ""},
		{"1_first.up.sql", "CREATE TABLE a (n int)", "", "a"},
		{"2_index.up.sql", "CREATE INDEX CONCURRENTLY a_n ON a (n);", "CREATE INDEX CONCURRENTLY cannot", "a"},
		{"2_index.up.sql", "CREATE INDEX CONCURRENTLY a_n ON a (n);", "CREATE INDEX CONCURRENTLY cannot", "a"},
		{"2_index.up.sql", "CREATE TABLE b ();", "", "a b"},
		{"2_index.up.sql", "CREATE TABLE b ();", "", "a b"},
	} {
		if err := os.WriteFile(filepath.Join(folder, step.file), []byte(step.sql), 0o600); err != nil {
			t.Fatal(err)
		}
		err := applyMigrations(folder, name)
		if (err == nil) != (step.error == "") || err != nil && !strings.Contains(err.Error(), step.error) {
			t.Errorf("%s: error %v, want %q", step.sql, err, step.error)
		}
		var tables string
		if err := conn.QueryRow(t.Context(), `
			SELECT COALESCE(string_agg(tablename, ' ' ORDER BY tablename), '') FROM pg_tables
			WHERE schemaname = 'public' AND tablename <> 'schema_migrations'
		`).Scan(&tables); err != nil || tables != step.tables {
			t.Errorf("%s: tables %q, %v, want %q", step.sql, tables, err, step.tables)
		}
	}
}
