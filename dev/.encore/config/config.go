// Package config gives a service the values in its CUE files.
package config

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
)

// Value is a configuration value. It is a function because tests of a real
// Encore application can change it.
type Value[T any] func() T

// String is a text.
type String = Value[string]

// UnmarshalJSON decodes the value.
func (v *Value[T]) UnmarshalJSON(data []byte) error {
	var value T
	if err := json.Unmarshal(data, &value); err != nil {
		return err
	}
	*v = func() T { return value }
	return nil
}

// EnvName returns the environment variable that carries the configuration of a
// service, as base64 of the JSON its CUE files evaluate to.
func EnvName(service string) string {
	return "ENCORE_CFG_" + strings.ToUpper(service)
}

// Load returns the configuration of the service it is called from. It panics
// with the field's name if the CUE files don't give it a value of its type.
func Load[T any]() T {
	_, file, _, _ := runtime.Caller(1)
	service := filepath.Base(filepath.Dir(file))

	var cfg T
	data, err := base64.StdEncoding.DecodeString(os.Getenv(EnvName(service)))
	if err == nil {
		dec := json.NewDecoder(bytes.NewReader(data))
		dec.DisallowUnknownFields() // Encore finds a misspelt field too
		err = dec.Decode(&cfg)
	}
	if err != nil {
		panic(fmt.Sprintf("configuration of service %s: %v", service, err))
	}
	fields := reflect.Indirect(reflect.ValueOf(cfg))
	for i := range fields.NumField() {
		if field := fields.Field(i); field.Kind() == reflect.Func && field.IsNil() {
			panic(fmt.Sprintf("configuration of service %s: field %s is missing", service, fields.Type().Field(i).Name))
		}
	}
	return cfg
}
