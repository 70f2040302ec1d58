package token

import (
	"crypto/rsa"
	"encoding/base64"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// strictBase64 is base64url without padding (RFC 7515, appendix C). It rejects
// unused bits at the end that are not zero.
var strictBase64 = base64.RawURLEncoding.Strict()

// methods are the supported algorithms. None is symmetric, so a public key can't be
// misused as a shared secret (RFC 8725, section 2.1).
var methods = map[string]jwt.SigningMethod{
	"ES256": jwt.SigningMethodES256,
	"ES384": jwt.SigningMethodES384,
	"ES512": jwt.SigningMethodES512,
	"RS256": jwt.SigningMethodRS256,
	"RS384": jwt.SigningMethodRS384,
	"RS512": jwt.SigningMethodRS512,
	"PS256": strictPSS(jwt.SigningMethodPS256),
	"PS384": strictPSS(jwt.SigningMethodPS384),
	"PS512": strictPSS(jwt.SigningMethodPS512),
	"EdDSA": jwt.SigningMethodEdDSA,
}

// strictPSS returns the method for salts exactly as long as the hash (RFC 7518,
// section 3.5). By default any length is accepted.
func strictPSS(method *jwt.SigningMethodRSAPSS) jwt.SigningMethod {
	strict := *method
	strict.VerifyOptions = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}
	return &strict
}

// header holds the header parameters we use (RFC 7515, section 4.1). Keys and
// certificates in the header are ignored.
type header struct {
	alg, typ string
	kid      *string // nil if the token does not name its key
	critical bool
}

// jws is a decoded JWS in compact serialization (RFC 7515, section 7.1).
type jws struct {
	header             header
	payload, signature []byte
	signed             string // the signing input
}

// parse decodes a JWS. It returns errMalformed on failure.
func parse(compact string) (jws, error) {
	// encoding/base64 ignores line breaks, but a token must have only one spelling.
	segments := strings.SplitN(compact, ".", 4)
	if len(segments) != 3 || strings.ContainsAny(compact, "\r\n") {
		return jws{}, errMalformed
	}
	t := jws{signed: compact[:len(segments[0])+1+len(segments[1])]}
	var err error
	if t.header, err = parseHeader(segments[0]); err != nil {
		return jws{}, errMalformed
	}
	if t.payload, err = strictBase64.DecodeString(segments[1]); err != nil {
		return jws{}, errMalformed
	}
	if t.signature, err = strictBase64.DecodeString(segments[2]); err != nil {
		return jws{}, errMalformed
	}
	return t, nil
}

func parseHeader(segment string) (header, error) {
	data, err := strictBase64.DecodeString(segment)
	if err != nil {
		return header{}, err
	}
	var h header
	err = decodeObject(data, headerNames, func(name, value string) (err error) {
		switch name {
		case "alg":
			h.alg, err = parseString(value)
		case "typ":
			h.typ, err = parseString(value)
		case "kid":
			if value != "null" {
				h.kid = new(string)
				*h.kid, err = parseString(value)
			}
		case "crit":
			h.critical = true
		}
		return err
	})
	return h, err
}

var headerNames = []string{"alg", "typ", "kid", "crit"}
