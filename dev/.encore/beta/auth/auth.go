// Package auth says who makes the current request.
package auth

import "encore.dev/internal/current"

// UID is a user id.
type UID string

// UserID returns the id of the caller. It reports false if nobody is signed in.
func UserID() (UID, bool) {
	if r := current.Get(); r != nil && r.UID != "" {
		return UID(r.UID), true
	}
	return "", false
}

// Data returns the auth data, or nil.
func Data() any {
	if r := current.Get(); r != nil {
		return r.Data
	}
	return nil
}
