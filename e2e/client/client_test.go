// Package client tests the API clients that the Encore CLI generated in the folder
// CLIENTS, with the backend at BASE_URL.
package client

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"encore.app/e2e/people"
)

var root = func() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "../..")
}()

func TestTypeScript(t *testing.T) {
	dir := folderWith(t, "client.ts", "client.ts")
	programs := copyPrograms(t, dir, ".ts")
	writeFile(t, filepath.Join(dir, "package.json"), `{"type": "module"}`)
	run(t, dir, filepath.Join(root, "node_modules/.bin/tsc"), append([]string{"--strict", "--exactOptionalPropertyTypes", "--target", "es2022",
		"--module", "nodenext", "--lib", "es2022,dom,dom.iterable,dom.asynciterable", "--types", ""}, programs...)...)
	runEach(t, dir, programs)
}

func TestJavaScript(t *testing.T) {
	dir := folderWith(t, "client.js", "client.js")
	writeFile(t, filepath.Join(dir, "package.json"), `{"type": "module"}`)
	programs := copyPrograms(t, dir, ".ts")
	// Without their types the programs are JavaScript.
	run(t, dir, filepath.Join(root, "node_modules/.bin/tsc"), append([]string{"--noCheck", "--target", "es2022", "--module", "nodenext"}, programs...)...)
	runEach(t, dir, programs)
}

func TestGo(t *testing.T) {
	dir := folderWith(t, "client.go", "client/client.go")
	copyPrograms(t, dir, ".go")
	writeFile(t, filepath.Join(dir, "go.mod"), "module use\n\ngo 1.26\n")
	run(t, dir, "go", "run", ".")
}

// The programs check which fields the description requires.
func TestOpenAPI(t *testing.T) {
	dir := folderWith(t, "openapi.json", "openapi.json")
	runEach(t, dir, copyPrograms(t, dir, ".mjs"))
}

// copyPrograms copies the test programs of a language into the folder and returns
// their names. An example has its own programs.
func copyPrograms(t *testing.T, dir, extension string) (names []string) {
	t.Helper()
	files, err := filepath.Glob("testdata/*" + extension)
	if err != nil || len(files) == 0 {
		t.Fatalf("no programs in %s: %v", extension, err)
	}
	for _, file := range files {
		names = append(names, filepath.Base(file))
		copyFile(t, file, filepath.Join(dir, filepath.Base(file)))
	}
	return names
}

// runEach runs the programs. Those in TypeScript have been compiled.
func runEach(t *testing.T, dir string, programs []string) {
	t.Helper()
	for _, name := range programs {
		run(t, dir, "node", strings.Replace(name, ".ts", ".js", 1))
	}
}

func folderWith(t *testing.T, generated, name string) string {
	t.Helper()
	if os.Getenv("BASE_URL") == "" || os.Getenv("CLIENTS") == "" {
		t.Fatal("BASE_URL and CLIENTS are not set")
	}
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
		t.Fatal(err)
	}
	copyFile(t, filepath.Join(os.Getenv("CLIENTS"), generated), filepath.Join(dir, name))
	return dir
}

func run(t *testing.T, dir, program string, args ...string) {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "ALICE="+people.Token(t, "alice"), "BOB="+people.Token(t, "bob"))
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", filepath.Base(program), strings.Join(args, " "), err, output)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, to, string(data))
}

func writeFile(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
