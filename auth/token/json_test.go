package token

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// FuzzDecodeObject compares decodeObject with encoding/json.
func FuzzDecodeObject(f *testing.F) {
	for _, seed := range []string{
		`{}`, ` { } `, `{"a":1}`, `{"a":"b"}`, "{\n\t\"a\" : [ 1 , { \"b\" : \"]}\\\"\" } ] ,\r\"c\":null }",
		`{"a":{"a":{}},"b":[[],[[]]]}`, `{"\u0061":"\ud800","\\":"\"","":""}`, `{"a":1e3,"b":-0.5,"c":true,"d":false}`,
		`{"a":1}{}`, `{"a":1,}`, `[]`, `null`, `""`, ``, `{`, `{"a"`, `{"a":`, `{"a":1,"a":2}`, `{"a":1,"A":2}`, "{\"a\":\"\xff\"}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got := map[string]string{}
		err := decodeObject(data, nil, func(name, value string) error {
			got[name] = value
			if strings.HasPrefix(value, "[") {
				checkElements(t, value)
			}
			return nil
		})
		var want map[string]json.RawMessage
		if jsonErr := json.Unmarshal(data, &want); jsonErr != nil || want == nil {
			if err == nil {
				t.Fatalf("%q is accepted, but encoding/json rejects it: %v", data, jsonErr)
			}
			return
		}
		if err != nil {
			return // decodeObject may be stricter
		}
		if len(got) != len(want) {
			t.Fatalf("%q has %d members, want %d", data, len(got), len(want))
		}
		for name, value := range want {
			if got[name] != string(value) {
				t.Errorf("%q: %q is %q, want %q", data, name, got[name], value)
			}
		}
	})
}

func checkElements(t *testing.T, array string) {
	t.Helper()
	var want []json.RawMessage
	if err := json.Unmarshal([]byte(array), &want); err != nil {
		t.Fatalf("%q is not an array: %v", array, err)
	}
	i := 0
	for element := range elements(array) {
		if i >= len(want) || element != string(want[i]) {
			t.Fatalf("element %d of %q is %q, want %q", i, array, element, want)
		}
		i++
	}
	if i != len(want) {
		t.Errorf("%d elements in %q, want %d", i, array, len(want))
	}
}

func TestDate(t *testing.T) {
	at := func(seconds int64) *time.Time { at := time.Unix(seconds, 0); return &at }
	for value, want := range map[string]*time.Time{
		"1795210791":           at(1795210791),
		"0":                    at(0),
		"-1":                   at(-1),
		"1795210791.9":         at(1795210791),
		"-1.5":                 at(-2),
		"1.795210791e9":        at(1795210791),
		"253402300799":         at(253402300799),
		"253402300800":         nil,
		"-253402300800":        nil,
		"9223372036854775807":  nil, // would overflow
		"-9223372036854775808": nil,
		"9223372036854775808":  nil,
		"1e300":                nil,
		"1e999":                nil,
		`"1795210791"`:         nil,
		"true":                 nil,
		"[1795210791]":         nil,
		"{}":                   nil,
	} {
		got, err := parseDate(value)
		switch {
		case want == nil && err == nil:
			t.Errorf("%s is %v, want an error", value, got)
		case want != nil && (err != nil || !got.Equal(*want)):
			t.Errorf("%s is %v, %v, want %v", value, got, err, want)
		}
	}
}
