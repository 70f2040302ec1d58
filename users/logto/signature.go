package logto

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

const SignatureHeader = "Logto-Signature-Sha-256"

// IsSigned reports whether the body was signed with the key. values are the values of
// SignatureHeader: exactly one, the HMAC-SHA256 of the body in lower-case hexadecimal.
func IsSigned(body []byte, values []string, key string) bool {
	if len(values) != 1 || len(values[0]) != hex.EncodedLen(sha256.Size) || values[0] != strings.ToLower(values[0]) {
		return false
	}
	signature, err := hex.DecodeString(values[0])
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write(body)
	return hmac.Equal(signature, mac.Sum(nil))
}
