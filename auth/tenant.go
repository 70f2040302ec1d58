package auth

import (
	"context"
	"time"

	"encore.dev/rlog"

	"encore.app/internal/fault"
	"encore.app/users"
)

const (
	// tellInterval is how often the users service is told again: another version
	// of the application, running beside this one, may have told it something
	// else in the meantime.
	tellInterval = time.Hour
	// tellRetry is how soon after an error.
	tellRetry = time.Second
	// tellTimeout bounds one call.
	tellTimeout = 5 * time.Second
)

// tellIdentityProvider tells the users service which identity provider people
// sign in with, until the context ends. That service checks by its keys that it
// syncs with the same tenant, and can't import this one to ask.
func tellIdentityProvider(ctx context.Context, jwksURI string, tell func(context.Context, *users.IdentityProviderParams) error) {
	failures := fault.NewLines(rlog.Warn)
	for {
		calling, cancel := context.WithTimeout(ctx, tellTimeout)
		err := tell(calling, &users.IdentityProviderParams{JwksUri: jwksURI})
		cancel()
		wait := tellInterval
		if err != nil && ctx.Err() == nil {
			failures.Add("the users service can't be told the identity provider, trying again every second", "err", err)
			wait = tellRetry
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
	}
}
