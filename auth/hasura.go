package auth

import (
	"net/http"
	"strings"

	"encore.dev/beta/errs"
)

// forHasura returns the error that a rejected call is answered with. A Hasura
// engine understands only 401, and its auth hook tells it why.
func forHasura(header http.Header, err error) error {
	if err == nil || !isHookQuestion(header) {
		return err
	}
	return &errs.Error{Code: errs.Unauthenticated, Message: "the caller can't be identified"}
}

// isHookQuestion reports whether a call looks like one of a Hasura engine to its
// auth hook, or of a client of Logto's hook. Somebody else who sends the same
// headers only gets other errors.
func isHookQuestion(header http.Header) bool {
	return strings.HasPrefix(header.Get("User-Agent"), "hasura-graphql-engine/") || header.Get("Expected-Role") != ""
}
