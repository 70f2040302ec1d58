// Package et has what tests of Encore services use.
package et

import (
	"encore.dev/beta/auth"
	"encore.dev/internal/current"
)

// OverrideAuthInfo makes uid, with data, the caller of the running test and of
// the goroutines it starts from here on.
func OverrideAuthInfo(uid auth.UID, data any) {
	current.Enter(&current.Request{UID: string(uid), Data: data})
}
