// Package hasura checks that deploy/hasura matches the application. It doesn't need
// any servers.
package hasura

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

var root = func() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "../..")
}()

// source is a database in the metadata.
type source struct {
	Name          string
	Kind          string
	Configuration struct {
		ConnectionInfo struct {
			DatabaseURL struct {
				FromEnv string `yaml:"from_env"`
			} `yaml:"database_url"`
		} `yaml:"connection_info"`
	}
	Tables string
}

// table is a table in the metadata. Any other field, such as insert_permissions,
// fails the test.
type table struct {
	Table struct{ Schema, Name string }

	SelectPermissions []struct {
		Role       string
		Permission struct {
			Columns []string
			Filter  map[string]map[string]any
			Limit   int
		}
	} `yaml:"select_permissions"`
}

func sources(t *testing.T) ([]source, map[string][]table) {
	t.Helper()
	dir := filepath.Join(root, "deploy/hasura/metadata/databases")
	var found []source
	load(t, filepath.Join(dir, "databases.yaml"), &found)
	tables := map[string][]table{}
	for _, s := range found {
		list := include(t, dir, s.Tables)
		var files []string
		load(t, list, &files)
		for _, file := range files {
			var each table
			load(t, include(t, filepath.Dir(list), file), &each)
			tables[s.Name] = append(tables[s.Name], each)
		}
	}
	return found, tables
}

func include(t *testing.T, dir, text string) string {
	t.Helper()
	file, ok := strings.CutPrefix(text, "!include ")
	if !ok {
		t.Fatalf("%q includes no file", text)
	}
	return filepath.Join(dir, file)
}

func load(t *testing.T, file string, value any) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	decoder := yaml.NewDecoder(f)
	decoder.KnownFields(true)
	if err := decoder.Decode(value); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

var (
	createTable = regexp.MustCompile(`(?ms)^CREATE TABLE (\w+) \($(.*?)^\);`)
	alterTable  = regexp.MustCompile(`(?ms)^ *ALTER TABLE (\w+)$(.*?);$`)
	column      = regexp.MustCompile(`(?m)^    ([a-z_]+) `)
	addColumn   = regexp.MustCompile(`(?m)^\s+ADD COLUMN (\w+)`)
)

// columns reads the names of a table's columns from the migrations.
func columns(t *testing.T, database, name string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, database, "migrations/*.up.sql"))
	if err != nil || len(files) == 0 {
		t.Fatalf("the database %s has no migrations (%v)", database, err)
	}
	var found []string
	for _, file := range files {
		sql, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for pattern, names := range map[*regexp.Regexp]*regexp.Regexp{createTable: column, alterTable: addColumn} {
			for _, statement := range pattern.FindAllStringSubmatch(string(sql), -1) {
				if statement[1] != name {
					continue
				}
				for _, match := range names.FindAllStringSubmatch(statement[2], -1) {
					found = append(found, match[1])
				}
			}
		}
	}
	return found
}

func TestMetadataMatchMigrations(t *testing.T) {
	_, tables := sources(t)
	for database, served := range tables {
		for _, table := range served {
			known := columns(t, database, table.Table.Name)
			if len(known) == 0 || table.Table.Schema != "public" {
				t.Errorf("the database %s has no table %s.%s", database, table.Table.Schema, table.Table.Name)
			}
			for _, p := range table.SelectPermissions {
				for _, name := range slices.Concat(p.Permission.Columns, slices.Collect(maps.Keys(p.Permission.Filter))) {
					if !slices.Contains(known, name) {
						t.Errorf("%s for the role %s: the table has no column %s", table.Table.Name, p.Role, name)
					}
				}
			}
		}
	}
}

// The rules are repeated here, because a mistake in the metadata would show people
// each other's rows.
func TestRowPermissions(t *testing.T) {
	const (
		ownRow = "deleted_at _is_null true, id _eq X-Hasura-User-Id, suspended _eq false"
		own    = "organization_id _is_null true, owner_id _eq X-Hasura-User-Id"
	)
	want := map[string]string{
		"users for user":         ownRow,
		"users for organization": ownRow,
		"users for user-admin":   "deleted_at _is_null true",
		"todos for user":         own,
		"todos for organization": "organization_id _eq X-Hasura-Organization-Id",
	}
	got := map[string]string{}
	_, tables := sources(t)
	for _, table := range slices.Concat(slices.Collect(maps.Values(tables))...) {
		for _, p := range table.SelectPermissions {
			var rules []string
			for column, rule := range p.Permission.Filter {
				for operator, value := range rule {
					rules = append(rules, fmt.Sprint(column, " ", operator, " ", value))
				}
			}
			slices.Sort(rules)
			got[table.Table.Name+" for "+p.Role] = strings.Join(rules, ", ")
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("the rows are\n%v\nwant\n%v", got, want)
	}
}

func TestInheritedRolesExist(t *testing.T) {
	var inherited []struct {
		Name string   `yaml:"role_name"`
		From []string `yaml:"role_set"`
	}
	load(t, filepath.Join(root, "deploy/hasura/metadata/inherited_roles.yaml"), &inherited)
	roles := map[string]bool{}
	_, tables := sources(t)
	for _, table := range slices.Concat(slices.Collect(maps.Values(tables))...) {
		for _, p := range table.SelectPermissions {
			roles[p.Role] = true
		}
	}
	for _, role := range inherited {
		for _, from := range role.From {
			if !roles[from] {
				t.Errorf("%s inherits from %s, which has no permission", role.Name, from)
			}
		}
	}
}

func TestRolesNeedScopes(t *testing.T) {
	config, err := os.ReadFile(filepath.Join(root, "hasura/config.cue"))
	if err != nil {
		t.Fatal(err)
	}
	_, tables := sources(t)
	for _, table := range slices.Concat(slices.Collect(maps.Values(tables))...) {
		for _, p := range table.SelectPermissions {
			if !regexp.MustCompile(`(?m)^\t"` + p.Role + `": +"read:[a-z]+"$`).Match(config) {
				t.Errorf("the role %s is not in RoleScopes of hasura/config.cue", p.Role)
			}
		}
	}
}

func TestNoOtherMetadataFiles(t *testing.T) {
	var files []string
	dir := filepath.Join(root, "deploy/hasura/metadata")
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			rel, relErr := filepath.Rel(dir, path)
			files, err = append(files, rel), relErr
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"databases/databases.yaml",
		"databases/todos/tables/public_todos.yaml", "databases/todos/tables/tables.yaml",
		"databases/users/tables/public_users.yaml", "databases/users/tables/tables.yaml",
		"inherited_roles.yaml", "version.yaml",
	}
	if !slices.Equal(files, want) {
		t.Errorf("the metadata are in %v, want %v", files, want)
	}
}
