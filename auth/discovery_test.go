package auth

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

func TestCheckProvider(t *testing.T) {
	var issuer string // of the provider
	mux := http.NewServeMux()
	mux.HandleFunc("GET /oidc/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(discovery{Issuer: issuer, JwksURI: issuer + "/jwks"})
	})
	provider := httptest.NewServer(mux)
	defer provider.Close()
	issuer = provider.URL + "/oidc"

	for _, test := range []struct {
		name, issuer, jwksURI string
		want                  []string // how the warnings begin
	}{
		{"the same", issuer, issuer + "/jwks", nil},
		{"a trailing slash", issuer + "/", issuer + "/jwks", []string{"auth/config.cue: Issuer differs from the one in the discovery document"}},
		{"other keys", issuer, issuer + "/keys", []string{"auth/config.cue: JwksUri differs from the one in the discovery document"}},
		{"no such issuer", provider.URL, issuer + "/jwks", []string{"auth/config.cue: Issuer can't be checked"}},
		{"no server", "http://127.0.0.1:1", issuer + "/jwks", []string{"auth/config.cue: Issuer can't be checked"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var got []string
			checkProvider(ctx, test.issuer, test.jwksURI, func(message string, _ ...any) {
				got = append(got, message)
				cancel() // otherwise it would try again
			})
			if !slices.EqualFunc(got, test.want, strings.HasPrefix) {
				t.Errorf("warnings %q, want %q", got, test.want)
			}
		})
	}
}
