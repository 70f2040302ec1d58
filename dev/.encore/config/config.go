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

// Value is a configuration value. It is a function because tests of a real
// Encore application can change it.
type Value[T any] func() T

// Values is a list of configuration values.
type Values[T any] func() []T

// String is a text.
type String = Value[string]

// Int is a whole number.
type Int = Value[int]

// Bool is true or false.
type Bool = Value[bool]

// UnmarshalJSON decodes the value.
func (v *Value[T]) UnmarshalJSON(data []byte) error {
	var value T
	if err := json.Unmarshal(data, &value); err != nil {
		return err
	}
	*v = func() T { return value }
	return nil
}

// UnmarshalJSON decodes the values.
func (v *Values[T]) UnmarshalJSON(data []byte) error {
	var values []T
	if err := json.Unmarshal(data, &values); err != nil {
		return err
	}
	*v = func() []T { return values }
	return nil
}

// EnvName returns the environment variable that carries the configuration of a
// service, as base64 of the JSON its CUE files evaluate to.
func EnvName(service string) string {
	return "ENCORE_CFG_" + strings.ToUpper(service)
}

// Load returns the configuration of the service it is called from, a pointer to
// a struct. If a field has no value of its type it says so and ends the
// application: there is nobody yet to return an error to.
func Load[T any]() T {
	_, file, _, _ := runtime.Caller(1)
	service := filepath.Base(filepath.Dir(file))
	cfg := reflect.New(reflect.TypeFor[T]().Elem())
	if err := decode(os.Getenv(EnvName(service)), cfg.Elem()); err != nil {
		slog.Error("the application can't run", "err", fmt.Errorf("configuration of service %s: %w", service, err))
		os.Exit(1)
	}
	return cfg.Interface().(T)
}

// decode sets the fields of cfg. Letter case counts in their names. Like Encore
// it ignores values that are no field's.
func decode(encoded string, cfg reflect.Value) error {
	values := map[string]json.RawMessage{}
	if encoded != "" { // it is for a service without CUE files
		data, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(data, &values); err != nil {
			return err
		}
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
