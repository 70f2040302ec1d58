// Package et helps to test services.
package et

import (
	"encore.dev/beta/auth"
	"encore.dev/internal/current"
)

// OverrideAuthInfo sets the caller for the rest of a test, and for the goroutines that it starts.
func OverrideAuthInfo(uid auth.UID, data any) {
	current.Enter(&current.Request{UID: string(uid), Data: data})
}
