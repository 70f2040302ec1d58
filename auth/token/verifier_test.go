package token

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"reflect"
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

// A signer makes tokens like those of the identity provider.
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
	} else {
		key, err = rsa.GenerateKey(rand.Reader, minRSABits)
	}
	if err != nil {
		t.Fatal(err)
	}
	return signer{kid, method, key}
}

// jwks returns the document in which a provider publishes the signers' keys.
// Like Logto's, its RSA keys have no "alg".
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

func goodHeader(kid string) map[string]any {
	return map[string]any{"alg": "ES384", "typ": "at+jwt", "kid": kid}
}

func goodClaims() map[string]any {
	return map[string]any{
		"jti": "UyP8phBbaWvzVWsMem3hX", "sub": "lu3heutt50ua",
		"iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
		"scope": "read:todos write:todos", "client_id": clientID, "iss": issuer, "aud": audience,
	}
}

// sign returns the compact serialization of header and claims, which are
// marshalled unless they are bytes already.
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

func mustVerifier(t testing.TB, document []byte, at time.Time) *Verifier {
	t.Helper()
	keys, err := NewStaticKeySet(document)
	if err != nil {
		t.Fatal(err)
	}
	v, err := newVerifier(Config{Issuer: issuer, Audience: audience, ClientID: clientID}, keys, func() time.Time { return at })
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
	var refused *InvalidError
	if !errors.As(err, &refused) {
		t.Fatalf("err = %v, want it refused as %q", err, reason)
	}
	if refused.Reason != reason {
		t.Fatalf("reason = %q (%s), want %q", refused.Reason, refused.Message, reason)
	}
}

// TestVerify_RealLogto checks whole tokens of a real Logto against its key set.
func TestVerify_RealLogto(t *testing.T) {
	issuedAt := time.Unix(1795210791, 0)
	v := mustVerifier(t, readFile(t, "jwks.json"), issuedAt)
	for person, want := range map[string][]string{
		"alice": {"read:todos", "write:todos"},
		"bob":   {}, // no role: the scope claim is empty
	} {
		t.Run(person, func(t *testing.T) {
			compact := strings.TrimSpace(string(readFile(t, "access-token-"+person+".jwt")))
			claims, err := v.Verify(t.Context(), compact)
			if err != nil {
				t.Fatal(err)
			}
			if len(claims.Subject) != 12 || claims.ClientID != clientID || !reflect.DeepEqual(claims.Scopes, want) {
				t.Errorf("claims = %+v, want scopes %q", claims, want)
			}
			_, err = mustVerifier(t, readFile(t, "jwks.json"), issuedAt.Add(2*time.Hour)).Verify(t.Context(), compact)
			wantReason(t, err, "expired")
		})
	}
}

func TestVerify_Algorithms(t *testing.T) {
	for _, method := range []jwt.SigningMethod{jwt.SigningMethodES256, jwt.SigningMethodES384, jwt.SigningMethodES512, jwt.SigningMethodRS256} {
		t.Run(method.Alg(), func(t *testing.T) {
			s := newSigner(t, "k1", method)
			other := newSigner(t, "k1", method)
			v := mustVerifier(t, jwks(t, s), now)
			header := with(goodHeader("k1"), "alg", method.Alg())
			if _, err := v.Verify(t.Context(), s.sign(t, header, goodClaims())); err != nil {
				t.Fatal(err)
			}
			_, err := v.Verify(t.Context(), other.sign(t, header, goodClaims()))
			wantReason(t, err, "signature")
		})
	}
}

// TestVerify_Refuses has one row for each attack. The same token without it
// passes, which the first row of each kind proves.
func TestVerify_Refuses(t *testing.T) {
	s := newSigner(t, "k1", jwt.SigningMethodES384)
	document := jwks(t, s)
	v := mustVerifier(t, document, now)
	header, claims := goodHeader("k1"), goodClaims()

	hs256 := func(header map[string]any) string {
		input := segment(t, header) + "." + segment(t, claims)
		mac := hmac.New(sha512.New384, document)
		mac.Write([]byte(input))
		return input + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	}
	unsigned := func(alg string) string {
		return segment(t, with(header, "alg", alg)) + "." + segment(t, claims) + "."
	}
	signature := func(compact string) string { return compact[strings.LastIndex(compact, "."):] }
	raw := func(change string) []byte {
		data, err := json.Marshal(claims)
		if err != nil {
			t.Fatal(err)
		}
		return []byte(strings.Replace(string(data), "{", "{"+change+",", 1))
	}
	good := s.sign(t, header, claims)

	tests := []struct {
		name    string
		compact string
		reason  string // empty: it passes
	}{
		{"nothing wrong", good, ""},
		{"media type in full", s.sign(t, with(header, "typ", "application/at+jwt"), claims), ""},
		{"audience array with ours", s.sign(t, header, with(claims, "aud", []string{"other", audience})), ""},
		{"no scope", s.sign(t, header, without(claims, "scope")), ""},
		{"one key, not named", s.sign(t, without(header, "kid"), claims), ""},
		{"unknown claim", s.sign(t, header, with(claims, "roles", []string{"admin"})), ""},
		{"expired within the leeway", s.sign(t, header, with(claims, "exp", now.Add(time.Second-leeway).Unix())), ""},

		{"empty", "", "opaque"},
		{"opaque token", strings.Repeat("x", 43), "opaque"},
		{"too long", good + strings.Repeat("A", maxLength), "too_long"},
		{"two parts", strings.Join(strings.Split(good, ".")[:2], "."), "malformed"},
		{"four parts", good + ".AAAA", "malformed"},
		{"trailing newline", good + "\n", "malformed"},
		{"newline within", strings.Replace(good, ".", "\r\n.", 1), "malformed"},
		{"padded base64", good + "==", "malformed"},
		{"header is not JSON", s.sign(t, []byte("nonsense"), claims), "malformed"},
		{"claims are an array", s.sign(t, header, []byte(`["sub"]`)), "malformed"},
		{"claims are not UTF-8", s.sign(t, header, raw("\"x\":\"\xff\"")), "malformed"},

		{"alg none", unsigned("none"), "signature"},
		{"alg nOnE", unsigned("nOnE"), "algorithm"},
		{"alg HS384 keyed with the public key", hs256(with(header, "alg", "HS384")), "signature"},
		{"alg ES256 on a P-384 key", s.sign(t, with(header, "alg", "ES256"), claims), "key_mismatch"},
		{"alg RS256 on an EC key", s.sign(t, with(header, "alg", "RS256"), claims), "key_mismatch"},
		{"alg ES256 on a P-384 key not named", s.sign(t, without(with(header, "alg", "ES256"), "kid"), claims), "key_mismatch"},
		{"unknown key", s.sign(t, with(header, "kid", "k2"), claims), "unknown_key"},
		{"kid is a number", s.sign(t, with(header, "kid", 1), claims), "key_mismatch"},
		{"critical header", s.sign(t, with(header, "crit", []string{"exp"}), claims), "critical_header"},
		{"signature of other claims", good[:strings.LastIndex(good, ".")] + signature(s.sign(t, header, with(claims, "sub", "x"))), "signature"},

		{"typ JWT: an ID token", s.sign(t, with(header, "typ", "JWT"), claims), "not_an_access_token"},
		{"no typ", s.sign(t, without(header, "typ"), claims), "not_an_access_token"},
		{"typ in capitals", s.sign(t, with(header, "typ", "AT+JWT"), claims), "not_an_access_token"},
		{"typ is an array", s.sign(t, with(header, "typ", []string{"at+jwt"}), claims), "not_an_access_token"},

		{"another issuer", s.sign(t, header, with(claims, "iss", "https://evil.example/oidc")), "issuer"},
		{"issuer with a trailing slash", s.sign(t, header, with(claims, "iss", issuer+"/")), "issuer"},
		{"no issuer", s.sign(t, header, without(claims, "iss")), "claim_missing"},
		{"another audience", s.sign(t, header, with(claims, "aud", "https://other.example")), "audience"},
		{"audience array without ours", s.sign(t, header, with(claims, "aud", []string{"a", "b"})), "audience"},
		{"audience is a number", s.sign(t, header, with(claims, "aud", 1)), "malformed"},
		{"no audience", s.sign(t, header, without(claims, "aud")), "claim_missing"},
		{"client of another application", s.sign(t, header, with(claims, "client_id", "other")), "client_id"},
		{"no client", s.sign(t, header, without(claims, "client_id")), "client_id"},

		{"expired past the leeway", s.sign(t, header, with(claims, "exp", now.Add(-leeway-time.Second).Unix())), "expired"},
		{"no expiry", s.sign(t, header, without(claims, "exp")), "claim_missing"},
		{"expiry is a string", s.sign(t, header, with(claims, "exp", "4102444800")), "malformed"},
		{"expiry is negative", s.sign(t, header, with(claims, "exp", -1)), "expired"},
		{"not before tomorrow", s.sign(t, header, with(claims, "nbf", now.Add(24*time.Hour).Unix())), "not_yet_valid"},
		{"issued in 2099", s.sign(t, header, with(claims, "iat", 4070908800)), "not_yet_valid"},

		{"empty subject", s.sign(t, header, with(claims, "sub", "")), "subject"},
		{"NUL in the subject", s.sign(t, header, with(claims, "sub", "a\x00b")), "subject"},
		{"subject of 10 KB less", s.sign(t, header, with(claims, "sub", strings.Repeat("a", maxSubject+1))), "subject"},
		{"scope is an array", s.sign(t, header, with(claims, "scope", []string{"read:todos"})), "malformed"},
		{"repeated claim", s.sign(t, header, raw(`"sub":"admin"`)), "malformed"},
		{"claim in capitals", s.sign(t, header, raw(`"SUB":"admin"`)), "malformed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := v.Verify(t.Context(), tt.compact)
			if tt.reason != "" {
				wantReason(t, err, tt.reason)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.Subject != "lu3heutt50ua" {
				t.Errorf("subject = %q", got.Subject)
			}
		})
	}
}

// TestVerify_KeysInHeader: a key the token brings along is never used.
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

func TestNewVerifier_NamesTheField(t *testing.T) {
	good := Config{Issuer: issuer, Audience: audience, ClientID: clientID}
	tests := []struct {
		want   string
		change func(*Config)
	}{
		{"the Issuer is empty", func(c *Config) { c.Issuer = "" }},
		{`the Issuer "tenant.logto.app/oidc" is not an absolute http or https URL`, func(c *Config) { c.Issuer = "tenant.logto.app/oidc" }},
		{"the Audience is empty", func(c *Config) { c.Audience = "" }},
		{"the ClientID is empty", func(c *Config) { c.ClientID = "" }},
	}
	for _, tt := range tests {
		cfg := good
		tt.change(&cfg)
		if _, err := NewVerifier(cfg, nil); err == nil || err.Error() != tt.want {
			t.Errorf("err = %v, want %s", err, tt.want)
		}
	}
}
