// Package faults starts the backend on the stand-in, breaks what it depends on, and
// checks that it reports this and recovers.
//
// It needs the Postgres server at ENCORE_SQLDB_HOST, with ENCORE_SQLDB_USER and
// ENCORE_SQLDB_PASSWORD. It has its own identity provider.
package faults

import (
	"io/fs"
	"log"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

var (
	standIn   string // the stand-in's program
	tree      string // a copy of the application, whose configuration the tests change
	ownConfig string // the configuration before that
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	_, file, _, _ := runtime.Caller(0)
	root := filepath.Join(filepath.Dir(file), "../..")
	dir, err := os.MkdirTemp("", "faults")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	standIn, tree = filepath.Join(dir, "standin"), filepath.Join(dir, "app")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", standIn, "./cmd/standin")
	build.Dir = filepath.Join(root, "dev/.encore")
	build.Env = append(os.Environ(), "GOWORK=off")
	if output, err := build.CombinedOutput(); err != nil {
		log.Fatalf("the stand-in doesn't compile: %v\n%s", err, output)
	}
	if err := copyApplication(tree, root); err != nil {
		log.Fatal(err)
	}
	data, err := os.ReadFile(configFile())
	if err != nil {
		log.Fatal(err)
	}
	ownConfig = string(data)
	return m.Run()
}

func copyApplication(to, from string) error {
	extensions := []string{".app", ".mod", ".sum", ".go", ".cue", ".sql"}
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			_, err := os.Stat(filepath.Join(path, "go.mod"))
			if path != from && (err == nil || entry.Name() == "node_modules" || strings.HasPrefix(entry.Name(), ".")) {
				return filepath.SkipDir
			}
			return nil
		}
		if !slices.Contains(extensions, filepath.Ext(path)) {
			return nil
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		return os.WriteFile(target, data, 0o644)
	})
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}
