package token

import (
	"errors"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// ErrKeysUnavailable means that the identity provider's keys could not be fetched,
// so the token could not be verified. Answer 503 and not 401.
var ErrKeysUnavailable = errors.New("token: the identity provider's keys are unavailable")

// ErrBusy means that too many tokens are being verified. Answer 429, and let the
// client try again after a second.
var ErrBusy = errors.New("token: too many tokens are being verified")

// InvalidError means that a token is not valid.
type InvalidError struct {
	// Reason is a fixed word for logs, such as "expired".
	Reason string
	// Message tells the client's developer what to fix. It contains no part of
	// the token.
	Message string
	// Expected and Received are for logs. They are set if the issuer, the audience
	// or the client id differs from the configuration. Received comes from the
	// sender, so quote it. It has at most maxReceived bytes.
	Expected, Received string
}

const maxReceived = 200

func invalid(reason, message string) *InvalidError {
	return &InvalidError{Reason: reason, Message: message}
}

// withValues returns a copy of the error with both values.
func (e *InvalidError) withValues(received, expected string) *InvalidError {
	if len(received) > maxReceived {
		received = received[:maxReceived]
	}
	// Clone, because a cached error must not keep the whole token in memory.
	return &InvalidError{e.Reason, e.Message, expected, strings.Clone(received)}
}

// Is compares the reason and the message only.
func (e *InvalidError) Is(target error) bool {
	t, ok := target.(*InvalidError)
	return ok && t.Reason == e.Reason && t.Message == e.Message
}

func (e *InvalidError) Error() string {
	return "token: " + e.Reason + ": " + e.Message
}

var (
	errTooLong      = invalid("too_long", "access token is too long")
	errOpaque       = invalid("opaque", `access token is opaque: request it with the API resource as the "resource" parameter`)
	errOpaqueAuth0  = invalid("opaque", `access token is opaque or encrypted: request a signed one with the API as the "audience" parameter`)
	errMalformed    = invalid("malformed", "access token is malformed")
	errAlgorithm    = invalid("algorithm", "access token is signed with an algorithm that is not accepted")
	errIDToken      = invalid("not_an_access_token", "token is not an access token: send the access token for the API resource, not the ID token")
	errType         = invalid("not_an_access_token", "token is not an access token: its type is not at+jwt")
	errCritical     = invalid("critical_header", "access token has a critical header that is not supported")
	errIssuer       = invalid("issuer", "access token is from another issuer")
	errAudience     = invalid("audience", "access token is for another audience: request it for this API resource")
	errClaimMissing = invalid("claim_missing", "access token is missing a required claim")
	errExpired      = invalid("expired", "access token has expired")
	errNotYetValid  = invalid("not_yet_valid", "access token is not valid yet")
	errSubject      = invalid("subject", "access token has no valid subject")
	errOrganization = invalid("organization", "access token has no valid organization")
	errClientID     = invalid("client_id", "access token was issued to another application")
	errUnknownKey   = invalid("unknown_key", "access token is signed with an unknown key")
	errKeyMismatch  = invalid("key_mismatch", "access token's algorithm does not match its signing key")
	errSignature    = invalid("signature", "access token's signature is invalid")
)

func asInvalid(err error) error {
	if invalid, ok := errors.AsType[*InvalidError](err); ok {
		return invalid
	}
	for _, r := range reasons {
		if errors.Is(err, r.cause) {
			return r.invalid
		}
	}
	return errMalformed
}

// In the order in which a developer should fix them.
var reasons = []struct{ cause, invalid error }{
	{jwt.ErrTokenRequiredClaimMissing, errClaimMissing},
	{jwt.ErrTokenExpired, errExpired},
	{jwt.ErrTokenNotValidYet, errNotYetValid},
	{jwt.ErrTokenUsedBeforeIssued, errNotYetValid},
}
