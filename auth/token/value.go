package token

import (
	"errors"
	"math"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

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
