package token

import "strings"

// Bearer returns the token in the value of an Authorization header (RFC 6750,
// section 2.1), or "" if it has none. The name of the scheme may be in any letter
// case (RFC 9110, section 11.1).
func Bearer(authorization string) string {
	scheme, token, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return token
}
