// Package config gives a service the values in its CUE files.
package config

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
)

// Value is a value. It is a function because tests on Encore can change it.
type Value[T any] func() T

type (
	Values[T any] = Value[[]T]
	String        = Value[string]
	Int           = Value[int]
	Bool          = Value[bool]
)

func (v *Value[T]) UnmarshalJSON(data []byte) error {
	var value T
	err := json.Unmarshal(data, &value)
	*v = func() T { return value }
	return err
}

// EnvName returns the environment variable with the configuration of a service:
// the JSON of its CUE files, as base64.
func EnvName(service string) string { return "ENCORE_CFG_" + strings.ToUpper(service) }

// Load returns the configuration of the service that calls it. T is a pointer to
// a struct. If a field has no value, or one of another type, the application ends.
func Load[T any]() T {
	_, file, _, _ := runtime.Caller(1)
	service := filepath.Base(filepath.Dir(file))
	cfg := reflect.New(reflect.TypeFor[T]().Elem())
	if err := decode(os.Getenv(EnvName(service)), cfg.Elem()); err != nil {
		slog.Error("the application can't start", "err", fmt.Errorf("configuration of service %s: %w", service, err))
		os.Exit(1)
	}
	return cfg.Interface().(T)
}

func decode(encoded string, cfg reflect.Value) error {
	data, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return err
	}
	var values map[string]json.RawMessage
	if err := json.Unmarshal(data, &values); len(data) > 0 && err != nil {
		return err
	}
	for i := range cfg.NumField() {
		name := cfg.Type().Field(i).Name
		value, ok := values[name]
		if !ok {
			return fmt.Errorf("%s: is missing", name)
		}
		if err := json.Unmarshal(value, cfg.Field(i).Addr().Interface()); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
