package token

import (
	"encoding/json"
	"errors"
	"strings"

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

// UnmarshalJSON decodes a claims set (RFC 7519, section 4).
func (c *Claims) UnmarshalJSON(data []byte) error {
	var fields struct {
		Issuer    string           `json:"iss"`
		Subject   string           `json:"sub"`
		Audience  jwt.ClaimStrings `json:"aud"`
		ExpiresAt numericDate      `json:"exp"`
		NotBefore numericDate      `json:"nbf"`
		IssuedAt  numericDate      `json:"iat"`
		ID        string           `json:"jti"`
		ClientID  string           `json:"client_id"`
		Scope     string           `json:"scope"`
	}
	if err := decodeObject(data, &fields, claimNames); err != nil {
		return err
	}
	*c = Claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer:    fields.Issuer,
			Subject:   fields.Subject,
			Audience:  fields.Audience,
			ExpiresAt: fields.ExpiresAt.date,
			NotBefore: fields.NotBefore.date,
			IssuedAt:  fields.IssuedAt.date,
			ID:        fields.ID,
		},
		ClientID: fields.ClientID,
		Scopes:   strings.Fields(fields.Scope),
	}
	return nil
}

var claimNames = []string{"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "client_id", "scope"}

// numericDate decodes a NumericDate (RFC 7519, section 2) and refuses a number
// in quotes, which jwt.NumericDate takes.
type numericDate struct{ date *jwt.NumericDate }

func (d *numericDate) UnmarshalJSON(data []byte) error {
	if data[0] == '"' {
		return errors.New("not a number")
	}
	return json.Unmarshal(data, &d.date)
}
