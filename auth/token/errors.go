package token

import (
	"errors"
	"strings"
)

// ErrKeysUnavailable reports that a token could not be judged because the
// identity provider's keys could not be fetched. It says nothing about the
// token: answer 503, never 401.
var ErrKeysUnavailable = errors.New("token: the identity provider's keys are unavailable")

// ErrBusy reports that a token could not be judged because too many others are
// being judged. It says nothing about the token: answer 429, and let the client
// try again in a second.
var ErrBusy = errors.New("token: too many tokens are being verified")

// InvalidError reports that a token is not acceptable, and why.
type InvalidError struct {
	// Reason is a short, fixed word for logs, for example "expired".
	Reason string
	// Message tells the developer of the client what to fix. It never
	// contains any part of the token.
	Message string
	// Expected and Received are for logs. They are set where the token has
	// another issuer, audience or client id than the configuration. Received
	// is what the sender wrote, cut to maxReceived bytes: quote it.
	Expected, Received string
}

const maxReceived = 200

func invalid(reason, message string) *InvalidError {
	return &InvalidError{Reason: reason, Message: message}
}

// got returns a copy of the error that says what was expected and received.
func (e *InvalidError) got(received, expected string) *InvalidError {
	if len(received) > maxReceived {
		received = received[:maxReceived]
	}
	// What is remembered must not keep the token.
	return &InvalidError{e.Reason, e.Message, expected, strings.Clone(received)}
}

// Is reports whether the target is the same reason, whatever was received.
func (e *InvalidError) Is(target error) bool {
	t, ok := target.(*InvalidError)
	return ok && t.Reason == e.Reason && t.Message == e.Message
}

// Error returns the reason and the message.
func (e *InvalidError) Error() string {
	return "token: " + e.Reason + ": " + e.Message
}

// All the reasons for which a token is rejected.
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
	errClaimMissing = invalid("claim_missing", "access token lacks a required claim")
	errExpired      = invalid("expired", "access token has expired")
	errNotYetValid  = invalid("not_yet_valid", "access token is not valid yet")
	errSubject      = invalid("subject", "access token has no usable subject")
	errOrganization = invalid("organization", "access token names no usable organization")
	errClientID     = invalid("client_id", "access token was issued to another application")
	errUnknownKey   = invalid("unknown_key", "access token is signed with an unknown key")
	errKeyMismatch  = invalid("key_mismatch", "access token's algorithm does not fit its signing key")
	errSignature    = invalid("signature", "access token's signature is invalid")
)
