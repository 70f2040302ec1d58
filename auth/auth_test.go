package auth

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"encore.dev/beta/errs"
	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"

	"encore.app/users"
)

const (
	audience = "https://api.encoreapp.com"
	clientID = "spa1localencore2logto"
)

// provider is an identity provider that publishes one key and signs with it.
type provider struct {
	*httptest.Server
	key  *ecdsa.PrivateKey
	down atomic.Bool
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	jwk, err := jwkset.NewJWKFromKey(key.Public(), jwkset.JWKOptions{
		Metadata: jwkset.JWKMetadataOptions{KID: "k1", ALG: jwkset.AlgES384, USE: jwkset.UseSig},
	})
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{key: key}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if p.down.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		if err := json.NewEncoder(w).Encode(jwkset.JWKSMarshal{Keys: []jwkset.JWKMarshal{jwk.Marshal()}}); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(p.Close)
	return p
}

// token returns an access token of the person for the audience.
func (p *provider) token(t *testing.T, subject, audience string) string {
	t.Helper()
	return p.sign(t, nil, jwt.MapClaims{"sub": subject, "aud": audience})
}

// sign returns an access token in which some of the header and claims are other
// than usual.
func (p *provider) sign(t *testing.T, header map[string]any, claims jwt.MapClaims) string {
	t.Helper()
	all := jwt.MapClaims{
		"iss": p.URL + "/oidc", "aud": audience, "sub": rand.Text(), "client_id": clientID,
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
		"jti": rand.Text(), "scope": "read:todos write:todos",
	}
	maps.Copy(all, claims)
	token := jwt.NewWithClaims(jwt.SigningMethodES384, all)
	maps.Copy(token.Header, map[string]any{"typ": "at+jwt", "kid": "k1"})
	maps.Copy(token.Header, header)
	signed, err := token.SignedString(p.key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// bearer returns the credentials of whoever bears the access token.
func bearer(accessToken string) *Credentials {
	return &Credentials{Authorization: "Bearer " + accessToken}
}

func (p *provider) service(t *testing.T) *Service {
	t.Helper()
	s, err := newService(settings{
		issuer:     p.URL + "/oidc",
		jwksURI:    p.URL + "/oidc/jwks",
		audience:   audience,
		clientID:   clientID,
		cacheBytes: 1 << 20,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Shutdown(t.Context()) })
	return s
}

func TestAuthHandler_EnsuresTheUser(t *testing.T) {
	p := newProvider(t)
	s := p.service(t)
	subject := rand.Text()

	uid, data, err := s.AuthHandler(t.Context(), bearer(p.token(t, subject, audience)))
	if err != nil {
		t.Fatal(err)
	}
	if string(uid) != subject || data.ClientID != clientID || !slices.Equal(data.Scopes, []string{"read:todos", "write:todos"}) {
		t.Errorf("uid = %q, data = %+v", uid, data)
	}
	user, err := users.Ensure(t.Context(), &users.EnsureParams{LogtoID: subject})
	if err != nil {
		t.Fatal(err)
	}
	if data.UserID == 0 || data.UserID != user.ID {
		t.Errorf("user id = %d, row = %d", data.UserID, user.ID)
	}
}

// TestAuthHandler_Refuses: what the client gets names the remedy and nothing of
// the inside.
func TestAuthHandler_Refuses(t *testing.T) {
	p := newProvider(t)
	s := p.service(t)
	at := func(d time.Duration) int64 { return time.Now().Add(d).Unix() }
	good := p.sign(t, nil, nil)
	tests := []struct{ name, accessToken, message string }{
		{"opaque token", strings.Repeat("x", 43),
			`access token is opaque: request it with the API resource as the "resource" parameter`},
		{"ID token", p.sign(t, map[string]any{"typ": "JWT"}, jwt.MapClaims{"aud": clientID}),
			"token is not an access token: send the access token for the API resource, not the ID token"},
		{"another audience", p.sign(t, nil, jwt.MapClaims{"aud": "https://other.example"}),
			"access token is for another audience: request it for this API resource"},
		{"another issuer", p.sign(t, nil, jwt.MapClaims{"iss": "https://other.example/oidc"}),
			"access token is from another issuer"},
		{"another application", p.sign(t, nil, jwt.MapClaims{"client_id": "other"}),
			"access token was issued to another application"},
		{"expired", p.sign(t, nil, jwt.MapClaims{"exp": at(-time.Hour)}),
			"access token has expired"},
		{"not yet valid", p.sign(t, nil, jwt.MapClaims{"nbf": at(time.Hour)}),
			"access token is not valid yet"},
		{"unknown key", p.sign(t, map[string]any{"kid": "k2"}, jwt.MapClaims{"iat": at(-time.Minute)}),
			"access token is signed with an unknown key"},
		{"forged", good[:len(good)-4] + "AAAA",
			"access token's signature is invalid"},
		{"garbage", "a.b.c",
			"access token is malformed"},
	}
	if _, _, err := s.AuthHandler(t.Context(), bearer(good)); err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := s.AuthHandler(t.Context(), bearer(tt.accessToken))
			wantError(t, err, errs.Unauthenticated, tt.message)
		})
	}
}

// TestAuthHandler_KnownPerson: a person seen lately costs no SQL.
func TestAuthHandler_KnownPerson(t *testing.T) {
	p := newProvider(t)
	s := p.service(t)
	at := time.Now()
	s.people.now = func() time.Time { return at }
	accessToken := p.token(t, rand.Text(), audience)

	_, first, err := s.AuthHandler(t.Context(), bearer(accessToken))
	if err != nil {
		t.Fatal(err)
	}
	// With this context the database refuses.
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	at = at.Add(ensureInterval - time.Second)
	_, again, err := s.AuthHandler(cancelled, bearer(accessToken))
	if err != nil {
		t.Fatal(err)
	}
	if again.UserID != first.UserID {
		t.Errorf("user id = %d, first = %d", again.UserID, first.UserID)
	}
	at = at.Add(time.Second)
	_, _, err = s.AuthHandler(cancelled, bearer(accessToken))
	wantError(t, err, errs.Unavailable, "the database is unavailable: try again in a moment")
	if _, _, err = s.AuthHandler(t.Context(), bearer(accessToken)); err != nil {
		t.Error(err)
	}
}

// TestAuthHandler_ProviderDown: an outage is not the fault of the token.
func TestAuthHandler_ProviderDown(t *testing.T) {
	p := newProvider(t)
	p.down.Store(true)
	s := p.service(t)
	accessToken := p.token(t, rand.Text(), audience)

	_, _, err := s.AuthHandler(t.Context(), bearer(accessToken))
	wantError(t, err, errs.Unavailable, "the identity provider can't be reached: try again in a moment")

	p.down.Store(false)
	deadline := time.Now().Add(10 * time.Second)
	for time.Now().Before(deadline) {
		if _, _, err = s.AuthHandler(t.Context(), bearer(accessToken)); err == nil {
			return
		}
	}
	t.Errorf("after the provider's return: %v", err)
}

func wantError(t *testing.T, err error, code errs.ErrCode, message string) {
	t.Helper()
	e, ok := err.(*errs.Error)
	if !ok || e.Code != code || e.ErrorMessage() != message {
		t.Errorf("err = %v, want %s: %s", err, code, message)
	}
}

// TestInitService starts the service with the values of config.cue.
func TestInitService(t *testing.T) {
	s, err := initService()
	if err != nil {
		t.Fatal(err)
	}
	s.Shutdown(t.Context())
}

func TestNewService_NamesTheField(t *testing.T) {
	good := settings{
		issuer:   "http://localhost:3001/oidc",
		jwksURI:  "http://localhost:3001/oidc/jwks",
		audience: audience,
		clientID: clientID,
	}
	tests := []struct {
		want   string
		change func(*settings)
	}{
		{"Issuer is empty", func(s *settings) { s.issuer = "" }},
		{"JwksUri is empty", func(s *settings) { s.jwksURI = "" }},
		{"ApiResourceIndicator is empty", func(s *settings) { s.audience = "" }},
		{"ClientId is empty", func(s *settings) { s.clientID = "" }},
		{`the Algorithm "HS256" is not supported`, func(s *settings) { s.algorithms = []string{"HS256"} }},
		{"the Leeway 1m1s is not between 0 and 1m0s", func(s *settings) { s.clockSkew = 61 * time.Second }},
		{`the Issuer "localhost" is not an absolute http or https URL`, func(s *settings) { s.issuer = "localhost" }},
		{`JwksUri: "ftp://x/jwks" is not an absolute http or https URL`, func(s *settings) { s.jwksURI = "ftp://x/jwks" }},
	}
	for _, tt := range tests {
		s := good
		tt.change(&s)
		if _, err := newService(s); err == nil || err.Error() != tt.want {
			t.Errorf("err = %v, want %s", err, tt.want)
		}
	}
}
