package auth

import (
	"context"
	"time"

	"encore.dev/rlog"

	"encore.app/internal/fault"
	"encore.app/users"
)

const (
	// reportInterval is how often the report is repeated: another version of the
	// application may have reported a different provider.
	reportInterval = time.Hour
	reportRetry    = time.Second
	reportTimeout  = 5 * time.Second
)

// reportIdentityProvider tells the users service which identity provider people
// sign in with. The users service can't import this one, and needs to know that it
// syncs with the same tenant.
func reportIdentityProvider(ctx context.Context, jwksURI string, report func(context.Context, *users.IdentityProviderParams) error) {
	failures := fault.NewLines(rlog.Warn)
	for {
		calling, cancel := context.WithTimeout(ctx, reportTimeout)
		err := report(calling, &users.IdentityProviderParams{JwksUri: jwksURI})
		cancel()
		wait := reportInterval
		if err != nil && ctx.Err() == nil {
			failures.Add("can't report the identity provider to the users service, trying again every second", "err", err)
			wait = reportRetry
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
	}
}
