package config

import (
	"encoding/base64"
	"reflect"
	"slices"
	"strings"
	"testing"
)

type settings struct {
	Issuer  String
	Seconds Int
	Strict  Bool
	Words   Values[string]
}

func decodeSettings(json string) (settings, error) {
	var s settings
	err := decode(base64.StdEncoding.EncodeToString([]byte(json)), reflect.ValueOf(&s).Elem())
	return s, err
}

func TestDecode(t *testing.T) {
	s, err := decodeSettings(`{"Issuer": "https://a.example", "Seconds": 3, "Strict": true, "Words": ["a", "b"], "Unknown": true}`)
	if err != nil {
		t.Fatal(err)
	}
	if s.Issuer() != "https://a.example" || s.Seconds() != 3 || !s.Strict() || !slices.Equal(s.Words(), []string{"a", "b"}) {
		t.Errorf("got %q, %d, %t and %q", s.Issuer(), s.Seconds(), s.Strict(), s.Words())
	}
}

func TestDecodeErrorNamesField(t *testing.T) {
	for json, want := range map[string]string{
		`{"Issuer": "x"}`:                                             "Seconds: is missing",
		`{"issuer": "x", "Seconds": 3}`:                               "Issuer: is missing",
		`{"Issuer": 1, "Seconds": 3}`:                                 "Issuer: json: cannot unmarshal number",
		`{"Issuer": "x", "Seconds": "three"}`:                         "Seconds: json: cannot unmarshal string",
		`{"Issuer": "x", "Seconds": 3, "Strict": 1}`:                  "Strict: json: cannot unmarshal number",
		`{"Issuer": "x", "Seconds": 3, "Strict": true, "Words": "a"}`: "Words: json: cannot unmarshal string",
	} {
		if _, err := decodeSettings(json); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: error %v, want %s…", json, err, want)
		}
	}
}

func TestDecodeWithoutFiles(t *testing.T) {
	var s settings
	if err := decode("", reflect.ValueOf(&s).Elem()); err == nil || err.Error() != "Issuer: is missing" {
		t.Errorf("error %v, want one that says that Issuer is missing", err)
	}
}
