// Package client compiles the API clients that the Encore CLI generated in the
// folder CLIENTS, and uses them against the backend at BASE_URL.
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

// root is the folder of the repository.
var root = func() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "../..")
}()

func TestTypeScript(t *testing.T) {
	dir := folderWith(t, "client.ts", "client.ts")
	copyFile(t, "testdata/use.ts", filepath.Join(dir, "use.ts"))
	writeFile(t, filepath.Join(dir, "package.json"), `{"type": "module"}`)
	run(t, dir, filepath.Join(root, "node_modules/.bin/tsc"), "--strict", "--exactOptionalPropertyTypes", "--target", "es2022",
		"--module", "nodenext", "--lib", "es2022,dom,dom.iterable,dom.asynciterable", "--types", "", "use.ts")
	run(t, dir, "node", "use.js")
}

func TestJavaScript(t *testing.T) {
	dir := folderWith(t, "client.js", "client.js")
	writeFile(t, filepath.Join(dir, "package.json"), `{"type": "module"}`)
	copyFile(t, "testdata/use.ts", filepath.Join(dir, "use.ts"))
	// What the program does is plain JavaScript once its types are gone.
	run(t, dir, filepath.Join(root, "node_modules/.bin/tsc"), "--noCheck", "--target", "es2022", "--module", "nodenext", "use.ts")
	run(t, dir, "node", "use.js")
}

func TestGo(t *testing.T) {
	dir := folderWith(t, "client.go", "client/client.go")
	copyFile(t, "testdata/use.go", filepath.Join(dir, "use.go"))
	writeFile(t, filepath.Join(dir, "go.mod"), "module use\n\ngo 1.26\n")
	run(t, dir, "go", "run", ".")
}

// The description is only looked at: what may be left out is not required.
func TestOpenAPI(t *testing.T) {
	dir := folderWith(t, "openapi.json", "openapi.json")
	run(t, dir, "node", "--input-type=module", "--eval", `
		import assert from 'node:assert/strict';
		import fs from 'node:fs';
		const { paths } = JSON.parse(fs.readFileSync('openapi.json', 'utf8'));
		const required = (call) => (call.parameters ?? []).filter((p) => p.required).map((p) => p.name);
		assert.deepEqual(required(paths['/todos'].get), []);
		assert.deepEqual(required(paths['/todos'].post), []);
		assert.deepEqual(required(paths['/users'].get), []);
		assert.deepEqual(required(paths['/todos/{id}'].patch), ['id']);
		const edit = paths['/todos/{id}'].patch.requestBody.content['application/json'].schema;
		assert.deepEqual(edit.required, ['version']);
	`)
}

// folderWith returns a new folder with the generated file under the name.
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

// run runs a program in the folder, with the demo people's tokens.
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
