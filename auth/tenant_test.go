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

// TestTellIdentityProvider: it is repeated until it succeeds, and every hour.
func TestTellIdentityProvider(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		start := time.Now()
		var told []time.Duration
		go tellIdentityProvider(ctx, "https://idp.example/jwks", func(_ context.Context, p *users.IdentityProviderParams) error {
			if p.JwksUri != "https://idp.example/jwks" {
				t.Errorf("told %+v", p)
			}
			told = append(told, time.Since(start))
			if len(told) < 3 {
				return errors.New("down")
			}
			return nil
		})
		time.Sleep(2 * time.Hour)
		stop()
		synctest.Wait()
		want := []time.Duration{0, time.Second, 2 * time.Second, 2*time.Second + time.Hour}
		if !slices.Equal(told, want) {
			t.Errorf("told after %v, want %v", told, want)
		}
	})
}
