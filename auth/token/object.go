package token

import (
	"bytes"
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"
)

// decodeObject decodes a JSON object into the struct that v points to, which
// has fields of the names, and skips other names. It refuses what encoding/json
// lets through and two readers could understand differently: a repeated name
// (RFC 7515, section 4, and RFC 7519, section 4), a name that differs from one
// of names by letter case only, and text that is not UTF-8.
func decodeObject(data []byte, v any, names []string) error {
	if !utf8.Valid(data) {
		return errors.New("not valid UTF-8")
	}
	if !bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("{")) {
		return errors.New("not a JSON object")
	}
	if err := json.Unmarshal(data, v); err != nil {
		return err
	}
	seen := make(map[string]struct{}, len(names))
	for name := range objectNames(data) {
		if _, ok := seen[name]; ok {
			return errors.New("a name is repeated")
		}
		seen[name] = struct{}{}
		if !slices.Contains(names, name) && slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) }) {
			return errors.New("a name has the wrong letter case")
		}
	}
	return nil
}

// objectNames yields the names in a valid JSON object, but not those in objects
// within it.
func objectNames(data []byte) iter.Seq[string] {
	return func(yield func(string) bool) {
		depth := 0
		atName := false
		for i := 0; i < len(data); i++ {
			switch data[i] {
			case '{', '[':
				depth++
				atName = depth == 1
			case '}', ']':
				depth--
			case ',':
				atName = depth == 1
			case '"':
				start := i
				i = endOfString(data, i)
				if atName && !yield(unquote(data[start:i+1])) {
					return
				}
				atName = false
			}
		}
	}
}

// endOfString returns where the JSON string that begins at start ends.
func endOfString(data []byte, start int) int {
	i := start + 1
	for data[i] != '"' {
		if data[i] == '\\' {
			i++
		}
		i++
	}
	return i
}

func unquote(quoted []byte) string {
	if !bytes.ContainsRune(quoted, '\\') {
		return string(quoted[1 : len(quoted)-1])
	}
	var name string
	_ = json.Unmarshal(quoted, &name) // it is part of valid JSON
	return name
}
