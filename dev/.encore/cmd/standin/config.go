package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/cuecontext"
	cueerrors "cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/parser"

	"encore.dev/config"
	"encore.dev/standin"
)

// meta describes the environment to CUE files, as Encore does locally.
const meta = `
#Meta: {
	APIBaseURL: "http://localhost:4000"
	Environment: {Name: "local", Type: "development", Cloud: "local"}
}
`

// environment returns this process's environment with the secrets and the
// configuration of each service.
func environment(a *app) ([]string, error) {
	secrets, err := localSecrets(filepath.Join(a.root, ".secrets.local.cue"))
	if err != nil {
		return nil, fmt.Errorf("secrets:\n%s", describe(a, err))
	}
	env := append(os.Environ(), standin.SecretsEnv+"="+string(secrets))
	for _, s := range a.Services {
		files, err := filepath.Glob(filepath.Join(s.dir, "*.cue"))
		if err != nil {
			return nil, err
		}
		if len(files) == 0 {
			continue
		}
		data, err := evaluate(s.Name, files)
		if err != nil {
			return nil, fmt.Errorf("configuration of service %s:\n%s", s.Name, describe(a, err))
		}
		env = append(env, config.EnvName(s.Name)+"="+base64.StdEncoding.EncodeToString(data))
	}
	return env, nil
}

// describe returns an error of CUE with the place in the file.
func describe(a *app, err error) string {
	return cueerrors.Details(err, &cueerrors.Config{Cwd: a.root})
}

// localSecrets returns the JSON of the secrets, which may be missing.
func localSecrets(file string) ([]byte, error) {
	secrets := map[string]string{}
	if !exists(file) {
		return json.Marshal(secrets)
	}
	source, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if err := cuecontext.New().CompileBytes(source, cue.Filename(file)).Decode(&secrets); err != nil {
		return nil, err
	}
	return json.Marshal(secrets)
}

// evaluate returns the JSON of a service's CUE files. Like Encore, it treats them as one package.
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
		if filepath.Base(file) == "encore.gen.cue" {
			continue // Encore writes it, and it may be outdated
		}
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
