package users

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
)

// signature checks a JWT's signature by the keys of the identity provider that
// people sign in with. It is nil while nobody knows these.
var signature atomic.Pointer[func(ctx context.Context, jwt string) error]

// CheckTenantBy makes each sync ask the function, before it changes anything, whether
// the identity provider that people sign in with has signed a JWT.
func CheckTenantBy(isSigned func(ctx context.Context, jwt string) error) { signature.Store(&isSigned) }

// checkTenant returns an error if the Management API is not that of the tenant
// which people sign in to: everybody would be deleted for ever. A tenant signs
// the API's tokens and those of people with the same keys, while its address may
// differ from the issuer of people's tokens. Logto's are JWTs always; another
// token tells nothing.
func (m *management) checkTenant(ctx context.Context) error {
	token, err := m.accessToken(ctx, nil)
	if err != nil {
		return err
	}
	isSigned := signature.Load()
	if isSigned == nil || strings.Count(token.AccessToken, ".") != 2 {
		return nil
	}
	if err := (*isSigned)(ctx, token.AccessToken); err != nil {
		return fmt.Errorf("the Management API in users/config.cue can't be taken for that of the tenant in auth/config.cue: %w", err)
	}
	return nil
}
