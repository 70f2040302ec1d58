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

func invalid(reason, message string) error {
	return &InvalidError{Reason: reason, Message: message}
}
