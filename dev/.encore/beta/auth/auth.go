// Package auth tells who makes the request.
package auth

import "encore.dev/internal/current"

// UID is a user's id.
type UID string

// UserID returns the id of the user who makes the request, if somebody is signed in.
func UserID() (UID, bool) {
	if r := current.Get(); r != nil && r.UID != "" {
		return UID(r.UID), true
	}
	return "", false
}

// Data returns what the auth handler returned besides the user id, or nil.
func Data() any {
	if r := current.Get(); r != nil {
		return r.Data
	}
	return nil
}
