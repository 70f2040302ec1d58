package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/cuecontext"
	cueerrors "cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/parser"

	"encore.dev/config"
	"encore.dev/standin"
)

// meta is what Encore tells CUE files about a local environment.
const meta = `
#Meta: {
	APIBaseURL: "http://localhost:4000"
	Environment: {Name: "local", Type: "development", Cloud: "local"}
}
`

// environment returns the environment of the application: this process's, the
// secrets and the configuration of each service.
func environment(a *app) ([]string, error) {
	secrets, err := localSecrets(filepath.Join(a.root, ".secrets.local.cue"))
	if err != nil {
		return nil, err
	}
	env := append(os.Environ(), standin.SecretsEnv+"="+secrets)
	for _, s := range a.Services {
		files, err := filepath.Glob(filepath.Join(s.dir, "*.cue"))
		if err != nil {
			return nil, err
		}
		// Encore writes one itself, which may be older than the code.
		files = slices.DeleteFunc(files, func(file string) bool { return filepath.Base(file) == "encore.gen.cue" })
		if len(files) == 0 {
			continue
		}
		data, err := evaluate(s.Name, files)
		if err != nil {
			return nil, fmt.Errorf("configuration of service %s:\n%s", s.Name,
				cueerrors.Details(err, &cueerrors.Config{Cwd: a.root}))
		}
		env = append(env, config.EnvName(s.Name)+"="+base64.StdEncoding.EncodeToString(data))
	}
	return env, nil
}

// localSecrets returns the JSON of the file with secrets, if it is there.
func localSecrets(file string) (string, error) {
	source, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return "{}", nil
	} else if err != nil {
		return "", err
	}
	value := cuecontext.New().CompileBytes(source, cue.Filename(file))
	secrets := map[string]string{}
	if err := value.Decode(&secrets); err != nil {
		return "", fmt.Errorf("secrets:\n%s", cueerrors.Details(err, &cueerrors.Config{Cwd: filepath.Dir(file)}))
	}
	data, err := json.Marshal(secrets)
	return string(data), err
}

// evaluate returns the JSON of a service's CUE files. Like Encore it takes them
// for one package, whether or not they say so.
func evaluate(service string, files []string) ([]byte, error) {
	instance := build.NewContext().NewInstance("", nil)
	add := func(name string, source any) error {
		file, err := parser.ParseFile(name, source)
		if err != nil {
			return err
		}
		if file.PackageName() == "" {
			file.Decls = append([]ast.Decl{&ast.Package{Name: ast.NewIdent(service)}}, file.Decls...)
		}
		return instance.AddSyntax(file)
	}
	if err := add("meta.cue", meta); err != nil {
		return nil, err
	}
	for _, file := range files {
		if err := add(file, nil); err != nil {
			return nil, err
		}
	}
	if err := instance.Complete(); err != nil {
		return nil, err
	}
	value := cuecontext.New().BuildInstance(instance)
	if err := value.Validate(cue.Concrete(true)); err != nil {
		return nil, err
	}
	return value.MarshalJSON()
}
