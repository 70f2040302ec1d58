// Package faults starts the backend on the stand-in with something missing or
// wrong, and checks that it says so and recovers by itself.
//
// It needs a Postgres server, named by ENCORE_SQLDB_HOST, ENCORE_SQLDB_USER and
// ENCORE_SQLDB_PASSWORD, and no identity provider: it has its own.
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
	// standIn is the stand-in's command.
	standIn string
	// tree is a copy of the application, so that its configuration can be changed.
	tree string
	// ownConfig is the configuration it comes with.
	ownConfig string
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
		log.Fatalf("the stand-in can't be built: %v\n%s", err, output)
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

// copyApplication copies what the application is built from.
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

// freeAddress returns a loopback address that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}
