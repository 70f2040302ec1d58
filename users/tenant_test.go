package users

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"
)

// signer signs the tokens of a tenant and serves its key set.
type signer struct {
	*httptest.Server
	key    *ecdsa.PrivateKey
	signed map[int]string
}

func newSigner(t testing.TB) *signer {
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
	s := &signer{key: key, signed: make(map[int]string)}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if err := json.NewEncoder(w).Encode(jwkset.JWKSMarshal{Keys: []jwkset.JWKMarshal{jwk.Marshal()}}); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *signer) token(t testing.TB, number int) string {
	t.Helper()
	if s.signed[number] == "" {
		token := jwt.NewWithClaims(jwt.SigningMethodES384, jwt.MapClaims{"sub": managementClient, "aud": managementResource, "jti": rand.Text()})
		token.Header["kid"], token.Header["typ"] = "k1", "at+jwt"
		signed, err := token.SignedString(s.key)
		if err != nil {
			t.Fatal(err)
		}
		s.signed[number] = signed
	}
	return s.signed[number]
}

// use makes this tenant the one that people sign in with.
func (s *signer) use(t testing.TB) {
	t.Helper()
	if err := SetIdentityProvider(t.Context(), &IdentityProviderParams{JwksUri: s.URL}); err != nil {
		t.Fatal(err)
	}
}

// TestSync_AnotherTenant checks that a sync with the wrong tenant, which would delete
// everybody, stops before its first request.
func TestSync_AnotherTenant(t *testing.T) {
	emptyTables(t)
	f, other := newFakeLogto(t), newFakeLogto(t)
	f.add("p", 0)
	other.add("q", 0)
	mustSync(t, f)

	down := newSigner(t)
	down.Close()
	for name, tt := range map[string]struct {
		prepare func()
		want    string
	}{
		"no provider reported": {func() { mustExec(t, `DELETE FROM identity_provider`) }, "has not yet reported"},
		"signed by another":    {func() { f.signer.use(t) }, "signature is invalid"},
		"not a JWT": {func() {
			f.signer.use(t)
			other.signer.signed[other.tokens+1] = "opaque"
		}, "malformed"},
		"key set unavailable": {func() { down.use(t) }, "unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			api := other.api()
			tt.prepare()
			other.requests = nil
			for range 2 {
				_, err := syncWith(t.Context(), api)
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("err = %v, want %s", err, tt.want)
				}
			}
			for _, path := range other.requests {
				if path != "/oidc/token" {
					t.Errorf("asked for %s", path)
				}
			}
			wantSynced(t, f)
		})
	}

	t.Run("last call of SetIdentityProvider wins", func(t *testing.T) {
		f.signer.use(t)
		api := other.api()
		if err := checkTenant(t.Context(), api); err != nil {
			t.Error(err)
		}
	})
}
