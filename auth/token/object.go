package token

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// decodeObject decodes a JSON object into fields, by name, and skips other
// names. It refuses what encoding/json lets through and two readers could
// understand differently: a repeated name (RFC 7515, section 4, and RFC 7519,
// section 4), a name that differs from one of fields by letter case only, and
// text that is not UTF-8.
func decodeObject(data []byte, fields map[string]any) error {
	if !utf8.Valid(data) {
		return errors.New("not valid UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return errors.New("not a JSON object")
	}
	seen := make(map[string]struct{}, len(fields))
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return err
		}
		name, _ := token.(string)
		if _, ok := seen[name]; ok {
			return errors.New("a name is repeated")
		}
		seen[name] = struct{}{}

		field, ok := fields[name]
		if !ok {
			if _, ok := fields[strings.ToLower(name)]; ok {
				return errors.New("a name has the wrong letter case")
			}
			field = new(json.RawMessage)
		}
		if err := dec.Decode(field); err != nil {
			return fmt.Errorf("%q: %w", name, err)
		}
	}
	if _, err := dec.Token(); err != nil {
		return err
	}
	if dec.More() {
		return errors.New("more than one JSON value")
	}
	return nil
}
