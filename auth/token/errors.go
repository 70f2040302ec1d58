package token

import "errors"

// ErrKeysUnavailable reports that a token could not be judged because the
// identity provider's keys could not be fetched. It says nothing about the
// token: answer 503, never 401.
var ErrKeysUnavailable = errors.New("token: the identity provider's keys are unavailable")

// InvalidError reports that a token is not acceptable, and why.
type InvalidError struct {
	// Reason is a short, fixed word for logs, for example "expired".
	Reason string
	// Message tells the developer of the client what to mend. It never
	// contains any part of the token.
	Message string
}

// Error returns the reason and the message.
func (e *InvalidError) Error() string {
	return "token: " + e.Reason + ": " + e.Message
}

// All the ways in which a token can be refused.
var (
	errTooLong      = &InvalidError{"too_long", "access token is too long"}
	errOpaque       = &InvalidError{"opaque", `access token is opaque: request it with the API resource as the "resource" parameter`}
	errOpaqueAuth0  = &InvalidError{"opaque", `access token is opaque or encrypted: request a signed one with the API as the "audience" parameter`}
	errMalformed    = &InvalidError{"malformed", "access token is malformed"}
	errAlgorithm    = &InvalidError{"algorithm", "access token is signed with an algorithm that is not accepted"}
	errIDToken      = &InvalidError{"not_an_access_token", "token is not an access token: send the access token for the API resource, not the ID token"}
	errType         = &InvalidError{"not_an_access_token", "token is not an access token: its type is not at+jwt"}
	errCritical     = &InvalidError{"critical_header", "access token has a critical header that is not supported"}
	errIssuer       = &InvalidError{"issuer", "access token is from another issuer"}
	errAudience     = &InvalidError{"audience", "access token is for another audience: request it for this API resource"}
	errClaimMissing = &InvalidError{"claim_missing", "access token lacks a required claim"}
	errExpired      = &InvalidError{"expired", "access token has expired"}
	errNotYetValid  = &InvalidError{"not_yet_valid", "access token is not valid yet"}
	errSubject      = &InvalidError{"subject", "access token has no usable subject"}
	errOrganization = &InvalidError{"organization", "access token names no usable organization"}
	errClientID     = &InvalidError{"client_id", "access token was issued to another application"}
	errUnknownKey   = &InvalidError{"unknown_key", "access token is signed with an unknown key"}
	errKeyMismatch  = &InvalidError{"key_mismatch", "access token's algorithm does not fit its signing key"}
	errSignature    = &InvalidError{"signature", "access token's signature is invalid"}
)
