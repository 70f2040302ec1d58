package auth

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"encore.app/users"
)

// It reports until it succeeds, and then every hour.
func TestReportIdentityProvider(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		start := time.Now()
		var reported []time.Duration
		go reportIdentityProvider(ctx, "https://idp.example/jwks", func(_ context.Context, p *users.IdentityProviderParams) error {
			if p.JwksUri != "https://idp.example/jwks" {
				t.Errorf("reported %+v", p)
			}
			reported = append(reported, time.Since(start))
			if len(reported) < 3 {
				return errors.New("down")
			}
			return nil
		})
		time.Sleep(2 * time.Hour)
		stop()
		synctest.Wait()
		want := []time.Duration{0, time.Second, 2 * time.Second, 2*time.Second + time.Hour}
		if !slices.Equal(reported, want) {
			t.Errorf("reported after %v, want %v", reported, want)
		}
	})
}
