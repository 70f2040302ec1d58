package token

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// strictBase64 is base64url without padding and without stray bits at the end
// (RFC 7515, appendix C). It still skips line breaks: see split.
var strictBase64 = base64.RawURLEncoding.Strict()

// methods are the algorithms a key set can verify. None is symmetric, so a
// public key can never be taken for a shared secret (RFC 8725, section 2.1).
var methods = map[string]jwt.SigningMethod{
	"ES256": jwt.SigningMethodES256,
	"ES384": jwt.SigningMethodES384,
	"ES512": jwt.SigningMethodES512,
	"RS256": jwt.SigningMethodRS256,
	"RS384": jwt.SigningMethodRS384,
	"RS512": jwt.SigningMethodRS512,
	"PS256": jwt.SigningMethodPS256,
	"PS384": jwt.SigningMethodPS384,
	"PS512": jwt.SigningMethodPS512,
	"EdDSA": jwt.SigningMethodEdDSA,
}

// header is what is used of a JOSE header (RFC 7515, section 4.1). Keys and
// certificates it may name or carry are never looked at.
type header struct {
	alg, typ string
	kid      *string // nil if the token does not name its key
	critical bool
}

// split cuts a compact serialization (RFC 7515, section 7.1) into its three
// segments. It refuses line breaks, which encoding/base64 would skip: one
// token must not have many spellings.
func split(compact string) (header, payload, signature string, err error) {
	segments := strings.SplitN(compact, ".", 4)
	if len(segments) != 3 || strings.ContainsAny(compact, "\r\n") {
		return "", "", "", errors.New("not three segments of base64url")
	}
	return segments[0], segments[1], segments[2], nil
}

func parseHeader(segment string) (header, error) {
	data, err := strictBase64.DecodeString(segment)
	if err != nil {
		return header{}, err
	}
	var h header
	var crit json.RawMessage
	err = decodeObject(data, map[string]any{"alg": &h.alg, "typ": &h.typ, "kid": &h.kid, "crit": &crit})
	h.critical = crit != nil
	return h, err
}
