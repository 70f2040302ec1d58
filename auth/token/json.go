package token

import (
	"encoding/json"
	"errors"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"
)

// decodeObject parses a JSON object and calls set with each name and raw value. It
// rejects input that two parsers could read differently: repeated names (RFC 7515,
// section 4, and RFC 7519, section 4), names that differ from one of names only by
// letter case, and invalid UTF-8. It also rejects more than maxMembers members.
func decodeObject(data []byte, names []string, set func(name, value string) error) error {
	if !utf8.Valid(data) {
		return errors.New("not valid UTF-8")
	}
	if !json.Valid(data) {
		return errors.New("not valid JSON")
	}
	text := strings.TrimLeft(string(data), jsonSpace)
	if text[0] != '{' {
		return errors.New("not a JSON object")
	}
	seen := make(map[string]struct{}, len(names))
	for name, value := range members(text) {
		if _, ok := seen[name]; ok {
			return errors.New("a name is repeated")
		}
		if len(seen) == maxMembers {
			return errors.New("too many members")
		}
		seen[name] = struct{}{}
		if !slices.Contains(names, name) && slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) }) {
			return errors.New("a name has the wrong letter case")
		}
		if err := set(name, value); err != nil {
			return err
		}
	}
	return nil
}

// maxMembers limits the time: each member is compared with all names.
const maxMembers = 256

var errValue = errors.New("a value has the wrong type")

// The functions below parse raw JSON values. Like encoding/json, they treat null as
// absent.

func parseString(value string) (string, error) {
	switch {
	case value[0] == '"':
		return unquote(value), nil
	case value == "null":
		return "", nil
	}
	return "", errValue
}

// parseStrings parses an array of at most limit strings.
func parseStrings(value string, limit int) ([]string, error) {
	if value == "null" {
		return nil, nil
	}
	if value[0] != '[' {
		return nil, errValue
	}
	all := []string{}
	for element := range elements(value) {
		if element[0] != '"' || len(all) == limit {
			return nil, errValue
		}
		all = append(all, unquote(element))
	}
	return all, nil
}

// parseStringOrStrings parses a string or an array of at most limit strings, such as
// an audience (RFC 7519, section 4.1.3).
func parseStringOrStrings(value string, limit int) ([]string, error) {
	if value[0] == '"' {
		return []string{unquote(value)}, nil
	}
	return parseStrings(value, limit)
}

// maxDate is the last second of the year 9999. Larger values could overflow.
const maxDate = 253402300799

// parseDate parses a NumericDate (RFC 7519, section 2).
func parseDate(value string) (*jwt.NumericDate, error) {
	if value == "null" {
		return nil, nil
	}
	seconds, err := strconv.ParseInt(value, 10, 64)
	if err != nil { // maybe it has a fraction or an exponent
		var number float64
		if number, err = strconv.ParseFloat(value, 64); err != nil {
			return nil, errValue
		}
		if math.Abs(number) > maxDate {
			return nil, errValue
		}
		seconds = int64(math.Floor(number))
	}
	if seconds > maxDate || seconds < -maxDate {
		return nil, errValue
	}
	return jwt.NewNumericDate(time.Unix(seconds, 0)), nil
}

const jsonSpace = " \t\r\n"

// members yields the names and raw values of a valid JSON object.
func members(object string) iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for i := skipSpace(object, 1); object[i] != '}'; {
			end := endOfString(object, i)
			name := unquote(object[i:end])
			start := skipSpace(object, skipSpace(object, end)+1) // skip the colon
			end = endOfValue(object, start)
			if !yield(name, object[start:end]) {
				return
			}
			i = nextItem(object, end)
		}
	}
}

// elements yields the raw elements of a valid JSON array.
func elements(array string) iter.Seq[string] {
	return func(yield func(value string) bool) {
		for i := skipSpace(array, 1); array[i] != ']'; {
			end := endOfValue(array, i)
			if !yield(array[i:end]) {
				return
			}
			i = nextItem(array, end)
		}
	}
}

func nextItem(text string, i int) int {
	i = skipSpace(text, i)
	if text[i] == ',' {
		i = skipSpace(text, i+1)
	}
	return i
}

func skipSpace(text string, i int) int {
	for strings.IndexByte(jsonSpace, text[i]) >= 0 {
		i++
	}
	return i
}

// endOfValue returns the end of the JSON value that starts at i.
func endOfValue(text string, i int) int {
	depth := 0
	for i < len(text) {
		switch text[i] {
		case '"':
			i = endOfString(text, i)
			if depth == 0 {
				return i
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth < 0 { // the end of the enclosing object or array
				return i
			}
			if depth == 0 {
				return i + 1
			}
		case ',', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return i
			}
		}
		i++
	}
	return i
}

func endOfString(text string, i int) int {
	for i++; text[i] != '"'; i++ {
		if text[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// unquote decodes a JSON string. Half of a surrogate pair becomes U+FFFD.
func unquote(quoted string) string {
	if strings.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	var s string
	_ = json.Unmarshal([]byte(quoted), &s) // can't fail: the whole document is valid JSON
	return s
}
