package auth

import (
	"net/http"
	"strings"

	"encore.dev/beta/errs"
)

// forHasura returns the error for a rejected call. A Hasura engine understands only
// 401. Its auth hook returns the real reason.
func forHasura(header http.Header, err error) error {
	if err == nil || !isHasuraHook(header) {
		return err
	}
	return &errs.Error{Code: errs.Unauthenticated, Message: "the caller can't be identified"}
}

// isHasuraHook reports whether a request looks like a Hasura engine's request to
// its auth hook, or one from a client of Logto's hook. A client that fakes the
// headers only gets different errors.
func isHasuraHook(header http.Header) bool {
	return strings.HasPrefix(header.Get("User-Agent"), "hasura-graphql-engine/") || header.Get("Expected-Role") != ""
}
