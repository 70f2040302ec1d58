package token

import "strings"

// Bearer returns the token in an Authorization header (RFC 6750, section 2.1), or
// "". The scheme is case-insensitive (RFC 9110, section 11.1).
func Bearer(authorization string) string {
	scheme, token, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return token
}
