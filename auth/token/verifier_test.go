package token

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"
)

const (
	issuer   = "http://localhost:3001/oidc"
	audience = "https://api.encoreapp.com"
	clientID = "1zsrd4n5846e9fu0utplo"
)

// A signer signs tokens as the identity provider does.
type signer struct {
	kid    string
	method jwt.SigningMethod
	key    crypto.Signer
}

func newSigner(t testing.TB, kid string, method jwt.SigningMethod) signer {
	t.Helper()
	curves := map[string]elliptic.Curve{"ES256": elliptic.P256(), "ES384": elliptic.P384(), "ES512": elliptic.P521()}
	var key crypto.Signer
	var err error
	if curve, ok := curves[method.Alg()]; ok {
		key, err = ecdsa.GenerateKey(curve, rand.Reader)
	} else if method.Alg() == "EdDSA" {
		_, key, err = ed25519.GenerateKey(rand.Reader)
	} else {
		key, err = rsa.GenerateKey(rand.Reader, minRSABits)
	}
	if err != nil {
		t.Fatal(err)
	}
	return signer{kid, method, key}
}

// jwks returns a JWKS document. As in Logto's, RSA keys have no "alg".
func jwks(t testing.TB, signers ...signer) []byte {
	t.Helper()
	var document jwkset.JWKSMarshal
	for _, s := range signers {
		metadata := jwkset.JWKMetadataOptions{KID: s.kid, USE: jwkset.UseSig, ALG: jwkset.ALG(s.method.Alg())}
		if _, ok := s.key.(*rsa.PrivateKey); ok {
			metadata.ALG = ""
		}
		jwk, err := jwkset.NewJWKFromKey(s.key.Public(), jwkset.JWKOptions{Metadata: metadata})
		if err != nil {
			t.Fatal(err)
		}
		document.Keys = append(document.Keys, jwk.Marshal())
	}
	data, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

var now = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return now }

func goodHeader(kid string) map[string]any {
	return map[string]any{"alg": "ES384", "typ": "at+jwt", "kid": kid}
}

func goodClaims() map[string]any {
	return map[string]any{
		"jti": "UyP8phBbaWvzVWsMem3hX", "sub": "lu3heutt50ua",
		"iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
		"scope": "read:reports write:reports", "client_id": clientID, "iss": issuer, "aud": audience,
	}
}

func (s signer) sign(t testing.TB, header, claims any) string {
	t.Helper()
	input := segment(t, header) + "." + segment(t, claims)
	sig, err := s.method.Sign(input, s.key)
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + base64.RawURLEncoding.EncodeToString(sig)
}

func segment(t testing.TB, v any) string {
	t.Helper()
	data, ok := v.([]byte)
	if !ok {
		var err error
		if data, err = json.Marshal(v); err != nil {
			t.Fatal(err)
		}
	}
	return base64.RawURLEncoding.EncodeToString(data)
}

func with(base map[string]any, name string, value any) map[string]any {
	changed := maps.Clone(base)
	changed[name] = value
	return changed
}

func without(base map[string]any, name string) map[string]any {
	changed := maps.Clone(base)
	delete(changed, name)
	return changed
}

const leeway = 30 * time.Second

func config() Config {
	return Config{
		Issuer:     issuer,
		Audience:   audience,
		ClientIDs:  []string{"another application of ours", clientID},
		Leeway:     leeway,
		CacheBytes: 1 << 20,
	}
}

func mustVerifier(t testing.TB, document []byte, at time.Time) *Verifier {
	t.Helper()
	keys, err := NewStaticKeySet(document)
	if err != nil {
		t.Fatal(err)
	}
	v, err := newVerifier(config(), keys, func() time.Time { return at })
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func wantReason(t *testing.T, err error, reason string) {
	t.Helper()
	var invalid *InvalidError
	if !errors.As(err, &invalid) {
		t.Fatalf("err = %v, want an InvalidError with reason %q", err, reason)
	}
	if invalid.Reason != reason {
		t.Fatalf("reason = %q (%s), want %q", invalid.Reason, invalid.Message, reason)
	}
}

// The token and the key set are from a real Logto.
func TestVerify_RealLogto(t *testing.T) {
	issuedAt := time.Unix(1795210791, 0)
	v := mustVerifier(t, readFile(t, "jwks.json"), issuedAt)
	for person, scopes := range map[string]int{
		"alice": 2,
		"bob":   0, // has no role, so the scope claim is empty
	} {
		t.Run(person, func(t *testing.T) {
			compact := strings.TrimSpace(string(readFile(t, "access-token-"+person+".jwt")))
			claims, err := v.Verify(t.Context(), compact)
			if err != nil {
				t.Fatal(err)
			}
			payload, err := base64.RawURLEncoding.DecodeString(strings.Split(compact, ".")[1])
			if err != nil {
				t.Fatal(err)
			}
			var want struct{ Sub, Scope string }
			if err := json.Unmarshal(payload, &want); err != nil {
				t.Fatal(err)
			}
			if claims.Subject != want.Sub || claims.ClientID != clientID ||
				len(claims.Scopes) != scopes || strings.Join(claims.Scopes, " ") != want.Scope {
				t.Errorf("claims = %+v, want %+v", claims, want)
			}
			_, err = mustVerifier(t, readFile(t, "jwks.json"), issuedAt.Add(2*time.Hour)).Verify(t.Context(), compact)
			wantReason(t, err, "expired")
		})
	}
}

func TestVerify_Algorithms(t *testing.T) {
	for _, name := range DefaultAlgorithms {
		t.Run(name, func(t *testing.T) {
			s, other := newSigner(t, "k1", methods[name]), newSigner(t, "k1", methods[name])
			v := mustVerifier(t, jwks(t, s), now)
			header := with(goodHeader("k1"), "alg", name)
			if _, err := v.Verify(t.Context(), s.sign(t, header, goodClaims())); err != nil {
				t.Fatal(err)
			}
			_, err := v.Verify(t.Context(), other.sign(t, header, goodClaims()))
			wantReason(t, err, "signature")
		})
	}
}

func TestVerify_AlgorithmNotConfigured(t *testing.T) {
	s := newSigner(t, "k1", jwt.SigningMethodES384)
	keys, err := NewStaticKeySet(jwks(t, s))
	if err != nil {
		t.Fatal(err)
	}
	cfg := config()
	for algorithm, reason := range map[string]string{"ES384": "", "RS256": "algorithm"} {
		cfg.Algorithms = []string{algorithm}
		v, err := newVerifier(cfg, keys, func() time.Time { return now })
		if err != nil {
			t.Fatal(err)
		}
		_, err = v.Verify(t.Context(), s.sign(t, goodHeader("k1"), goodClaims()))
		if reason == "" && err != nil {
			t.Errorf("%s: %v", algorithm, err)
		} else if reason != "" {
			wantReason(t, err, reason)
		}
	}
}

func TestVerify_KeysInHeader(t *testing.T) {
	s, attacker := newSigner(t, "k1", jwt.SigningMethodES384), newSigner(t, "k1", jwt.SigningMethodES384)
	v := mustVerifier(t, jwks(t, s), now)
	var document struct{ Keys []map[string]any }
	if err := json.Unmarshal(jwks(t, attacker), &document); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]any{
		"jwk": document.Keys[0],
		"jku": "http://localhost:1/jwks",
		"x5u": "http://localhost:1/cert",
		"x5c": []string{"MIIB"},
	} {
		t.Run(name, func(t *testing.T) {
			header := with(goodHeader("k1"), name, value)
			if _, err := v.Verify(t.Context(), s.sign(t, header, goodClaims())); err != nil {
				t.Errorf("signed by the right key: %v", err)
			}
			_, err := v.Verify(t.Context(), attacker.sign(t, header, goodClaims()))
			wantReason(t, err, "signature")
		})
	}
}

func TestNewVerifier_InvalidConfig(t *testing.T) {
	tests := []struct {
		want   string
		change func(*Config)
	}{
		{"the Issuer is empty", func(c *Config) { c.Issuer = "" }},
		{`the Issuer "tenant.logto.app/oidc" is not an absolute http or https URL`, func(c *Config) { c.Issuer = "tenant.logto.app/oidc" }},
		{"the Audience is empty", func(c *Config) { c.Audience = "" }},
		{`the Provider "Auth0" is not supported`, func(c *Config) { c.Provider = "Auth0" }},
		{`the Issuer "http://localhost:3001/oidc" must end with a slash for Auth0`, func(c *Config) { c.Provider = Auth0 }},
		{"OrganizationTokens is for Logto only", func(c *Config) {
			*c = auth0Config()
			c.OrganizationTokens = true
		}},
		{"the Audience is an organization: set OrganizationTokens instead", func(c *Config) { c.Audience = "urn:logto:organization:a" }},
		{"the Audience is a ClientID: that is the audience of ID tokens", func(c *Config) { c.Audience = clientID }},
		{"at least one ClientID is required, and none may be empty", func(c *Config) { c.ClientIDs = nil }},
		{"at least one ClientID is required, and none may be empty", func(c *Config) { c.ClientIDs = []string{""} }},
		{`the Algorithm "HS256" is not supported`, func(c *Config) { c.Algorithms = []string{"ES384", "HS256"} }},
		{`the Algorithm "none" is not supported`, func(c *Config) { c.Algorithms = []string{"none"} }},
		{"the Leeway 1m1s is not between 0 and 1m0s", func(c *Config) { c.Leeway = 61 * time.Second }},
		{"the Leeway -1s is not between 0 and 1m0s", func(c *Config) { c.Leeway = -time.Second }},
		{"CacheBytes is negative", func(c *Config) { c.CacheBytes = -1 }},
	}
	for _, tt := range tests {
		cfg := config()
		tt.change(&cfg)
		if _, err := NewVerifier(cfg, nil); err == nil || err.Error() != tt.want {
			t.Errorf("err = %v, want %s", err, tt.want)
		}
	}
}

// A cached rejection must not use much memory.
func TestInvalidError_TruncatesReceived(t *testing.T) {
	key := newSigner(t, "k", jwt.SigningMethodES384)
	_, err := mustVerifier(t, jwks(t, key), now).Verify(t.Context(), key.sign(t, goodHeader(key.kid), with(goodClaims(), "iss", strings.Repeat("x", 5000))))
	wantReason(t, err, "issuer")
	if rejected, _ := errors.AsType[*InvalidError](err); len(rejected.Received) != maxReceived {
		t.Errorf("Received has %d bytes", len(rejected.Received))
	}
}

func TestInvalidError_ExpectedAndReceived(t *testing.T) {
	key := newSigner(t, "k", jwt.SigningMethodES384)
	v := mustVerifier(t, jwks(t, key), now)
	for _, test := range []struct{ claim, reason, received, expected string }{
		{"iss", "issuer", issuer + "/", issuer},
		{"aud", "audience", "https://other.example.com", audience},
		{"client_id", "client_id", "elsewhere", "another application of ours " + clientID},
	} {
		_, err := v.Verify(t.Context(), key.sign(t, goodHeader(key.kid), with(goodClaims(), test.claim, test.received)))
		wantReason(t, err, test.reason)
		var invalid *InvalidError
		errors.As(err, &invalid)
		if invalid.Received != test.received || invalid.Expected != test.expected {
			t.Errorf("%s: received %q, expected %q", test.claim, invalid.Received, invalid.Expected)
		}
		if strings.Contains(invalid.Message, test.received) || strings.Contains(invalid.Message, test.expected) {
			t.Errorf("%s: the message for the client is %s", test.claim, invalid.Message)
		}
	}
}
