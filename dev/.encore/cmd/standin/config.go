package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/cuecontext"
	cueerrors "cuelang.org/go/cue/errors"

	"encore.dev/config"
	"encore.dev/standin"
)

// meta describes the environment to CUE files, as Encore does locally.
const meta = `#Meta: {
	APIBaseURL: "http://localhost:4000"
	Environment: {Name: "local", Type: "development", Cloud: "local"}
}`

// environment returns this process's environment with the secrets and the
// configuration of each service, in which an address may be replaced: old=new.
func environment(a *app, replace string) ([]string, error) {
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
		data, err := evaluate(files)
		if err != nil {
			return nil, fmt.Errorf("configuration of service %s:\n%s", s.Name, describe(a, err))
		}
		if before, after, ok := strings.Cut(replace, "="); ok {
			data = bytes.ReplaceAll(data, []byte(before), []byte(after))
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
	if !exists(file) {
		return []byte("{}"), nil
	}
	secrets := map[string]string{}
	value, err := compile(cuecontext.New(), file)
	if err != nil {
		return nil, err
	}
	if err := value.Decode(&secrets); err != nil {
		return nil, err
	}
	return json.Marshal(secrets)
}

// evaluate returns the JSON of a service's CUE files.
func evaluate(files []string) ([]byte, error) {
	context := cuecontext.New()
	scope := context.CompileString(meta)
	all := scope
	for _, file := range files {
		if filepath.Base(file) == "encore.gen.cue" {
			continue // Encore writes it, and it may be outdated
		}
		value, err := compile(context, file, cue.Scope(scope))
		if err != nil {
			return nil, err
		}
		all = all.Unify(value)
	}
	if err := all.Validate(cue.Concrete(true)); err != nil {
		return nil, err
	}
	return all.MarshalJSON()
}

func compile(context *cue.Context, file string, options ...cue.BuildOption) (cue.Value, error) {
	source, err := os.ReadFile(file)
	if err != nil {
		return cue.Value{}, err
	}
	value := context.CompileBytes(source, append(options, cue.Filename(file))...)
	return value, value.Err()
}
