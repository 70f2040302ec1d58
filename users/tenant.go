package users

import (
	"context"
	"errors"
	"fmt"

	"encore.dev/storage/sqldb"

	"encore.app/auth/token"
	"encore.app/internal/fault"
)

// IdentityProviderParams are the parameters of SetIdentityProvider.
type IdentityProviderParams struct {
	// JwksUri is where the identity provider publishes its keys.
	JwksUri string `trace:"what an administrator calls something"`
}

// SetIdentityProvider says which identity provider people sign in with. The
// service auth knows it and calls this at its start and every hour. While two
// versions of the application run side by side the last call counts.
//
// It returns errs.Unavailable if the database can't be reached.
//
//encore:api private
func SetIdentityProvider(ctx context.Context, p *IdentityProviderParams) error {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	if _, err := db.Exec(ctx, `
		INSERT INTO identity_provider (jwks_uri) VALUES ($1)
		ON CONFLICT (only_row) DO UPDATE SET jwks_uri = EXCLUDED.jwks_uri, told_at = now()
	`, p.JwksUri); err != nil {
		return fault.Database(ctx, "set identity provider", err)
	}
	return nil
}

// checkTenant returns an error unless the Management API is certainly that of the
// tenant which people sign in to: with another one everybody would be deleted for
// ever. A tenant signs the API's tokens and those of people with the same keys,
// while its address may differ from the issuer of people's tokens.
func (m *management) checkTenant(ctx context.Context) error {
	var uri string
	err := db.QueryRow(ctx, `SELECT jwks_uri FROM identity_provider`).Scan(&uri)
	if errors.Is(err, sqldb.ErrNoRows) {
		return errors.New("the service auth has not said yet which identity provider people sign in with")
	} else if err != nil {
		return err
	}
	managementToken, err := m.accessToken(ctx, nil)
	if err != nil {
		return err
	}
	keys, err := token.NewRemoteKeySet(uri, func(error) {})
	if err != nil {
		return err
	}
	defer keys.Close()
	if _, err := keys.VerifySignature(ctx, managementToken.AccessToken); err != nil {
		return fmt.Errorf("the Management API in users/config.cue can't be taken for that of the tenant in auth/config.cue: %w", err)
	}
	return nil
}
