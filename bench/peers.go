package main

import (
	"context"
	"net/url"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/auth0/go-jwt-middleware/v2/jwks"
	"github.com/auth0/go-jwt-middleware/v2/validator"
	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/golang-jwt/jwt/v5"
	"github.com/lestrrat-go/httprc/v3"
	"github.com/lestrrat-go/jwx/v3/jwk"
	jwxt "github.com/lestrrat-go/jwx/v3/jwt"
)

func newAuth0(_ context.Context, is *issuer) (check, error) {
	issuer, err := url.Parse(issuerURL)
	if err != nil {
		return nil, err
	}
	uri, err := url.Parse(is.server.URL)
	if err != nil {
		return nil, err
	}
	keys := jwks.NewCachingProvider(issuer, time.Hour, jwks.WithCustomJWKSURI(uri))
	v, err := validator.New(keys.KeyFunc, validator.SignatureAlgorithm(is.method.Alg()), issuerURL, []string{audience})
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, compact string) error {
		_, err := v.ValidateToken(ctx, compact)
		return err
	}, nil
}

func newGoOIDC(ctx context.Context, is *issuer) (check, error) {
	v := oidc.NewVerifier(issuerURL, oidc.NewRemoteKeySet(ctx, is.server.URL), &oidc.Config{
		ClientID:             audience, // compared with "aud"
		SupportedSigningAlgs: []string{is.method.Alg()},
	})
	return func(ctx context.Context, compact string) error {
		_, err := v.Verify(ctx, compact)
		return err
	}, nil
}

func newJWX(ctx context.Context, is *issuer) (check, error) {
	cache, err := jwk.NewCache(ctx, httprc.NewClient())
	if err != nil {
		return nil, err
	}
	if err := cache.Register(ctx, is.server.URL); err != nil {
		return nil, err
	}
	keys, err := cache.CachedSet(is.server.URL)
	if err != nil {
		return nil, err
	}
	return func(_ context.Context, compact string) error {
		_, err := jwxt.ParseString(compact,
			jwxt.WithKeySet(keys), jwxt.WithIssuer(issuerURL), jwxt.WithAudience(audience),
			jwxt.WithRequiredClaim(jwxt.ExpirationKey))
		return err
	}, nil
}

// newGuide does what Encore's guide to Logto shows: it fetches the keys for every
// request.
func newGuide(_ context.Context, is *issuer) (check, error) {
	return func(ctx context.Context, compact string) error {
		ctx, cancel := context.WithCancel(ctx) // like a request's, which ends with the response
		defer cancel()
		keys, err := keyfunc.NewDefaultCtx(ctx, []string{is.server.URL})
		if err != nil {
			return err
		}
		_, err = jwt.ParseWithClaims(compact, &guideClaims{}, keys.Keyfunc,
			jwt.WithAudience(audience), jwt.WithIssuer(issuerURL), jwt.WithLeeway(10*time.Minute))
		return err
	}, nil
}

type guideClaims struct {
	jwt.RegisteredClaims
	ClientID string `json:"client_id"`
}
