package token

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"
)

// Claims are the claims of an access token that Logto issues for an API
// resource (RFC 9068, section 2.2). They embed the registered claims of
// RFC 7519, section 4.1.
type Claims struct {
	jwt.RegisteredClaims

	// ClientID is the application the token was issued to (RFC 8693, section 4.3).
	ClientID string
	// Scopes are the permissions granted, in the order of the token.
	// It is empty when the person holds no role that grants any.
	Scopes []string
}

// UnmarshalJSON decodes a claims set and refuses what encoding/json would let
// through: a repeated name (RFC 7519, section 4 allows a parser to reject it)
// and a name that differs from one of ours by letter case only, which
// encoding/json would read as ours.
func (c *Claims) UnmarshalJSON(data []byte) error {
	var scope string
	fields := map[string]any{
		"iss":       &c.Issuer,
		"sub":       &c.Subject,
		"aud":       &c.Audience,
		"exp":       &numericDate{&c.ExpiresAt},
		"nbf":       &numericDate{&c.NotBefore},
		"iat":       &numericDate{&c.IssuedAt},
		"jti":       &c.ID,
		"client_id": &c.ClientID,
		"scope":     &scope,
	}

	// encoding/json would replace the bad bytes and so let two subjects become one.
	if !utf8.Valid(data) {
		return errors.New("claims are not valid UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return errors.New("claims are not a JSON object")
	}
	seen := make(map[string]struct{}, len(fields))
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return err
		}
		name, _ := tok.(string)
		if _, ok := seen[name]; ok {
			return errors.New("a claim is repeated")
		}
		seen[name] = struct{}{}

		field, ok := fields[name]
		if !ok {
			if _, ok := fields[strings.ToLower(name)]; ok {
				return errors.New("a claim's name has the wrong letter case")
			}
			field = new(json.RawMessage)
		}
		if err := dec.Decode(field); err != nil {
			return fmt.Errorf("claim %q: %w", name, err)
		}
	}

	c.Scopes = strings.Fields(scope)
	return nil
}

// numericDate decodes a NumericDate (RFC 7519, section 2) and refuses a number
// in quotes, which jwt.NumericDate takes.
type numericDate struct{ date **jwt.NumericDate }

func (d *numericDate) UnmarshalJSON(data []byte) error {
	if data[0] == '"' {
		return errors.New("not a number")
	}
	return json.Unmarshal(data, d.date)
}
