package token

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// The tokens below follow
// https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles.
const (
	auth0Issuer   = "https://tenant.auth0.com/"
	auth0API      = "https://example.com/health-api"
	auth0UserInfo = "https://tenant.auth0.com/userinfo"
	auth0Client   = "K1AUPhZq8mRi0Q0pjhkfu1D7y6KjDQja"
)

func auth0Config() Config {
	return Config{
		Provider:          Auth0,
		Issuer:            auth0Issuer,
		Audience:          auth0API,
		ClientIDs:         []string{"awZfdIir8YFdGZWkvCejDoUb7SjTDicx", auth0Client},
		CustomClaimPrefix: "https://example.com/",
		Algorithms:        []string{"RS256"},
		Leeway:            leeway,
		CacheBytes:        1 << 20,
	}
}

func auth0Claims() map[string]any {
	return map[string]any{
		"iss": auth0Issuer, "sub": "auth0|6553da60a54af58e29493993", "aud": []string{auth0API, auth0UserInfo},
		"azp": auth0Client, "iat": now.Unix(), "exp": now.Add(24 * time.Hour).Unix(),
		"scope": "openid profile read:reports",
	}
}

// auth0IDClaims are the ID token's claims of the same sign-in.
func auth0IDClaims() map[string]any {
	return map[string]any{
		"iss": auth0Issuer, "sub": "auth0|6553da60a54af58e29493993", "aud": auth0Client,
		"iat": now.Unix(), "exp": now.Add(10 * time.Hour).Unix(), "sid": "shcJ2FkUeHxU2sGgQ3nP", "nonce": "bm9uY2U",
		"nickname": "alice", "name": "alice@example.com", "email": "alice@example.com", "email_verified": true,
		"picture": "https://s.gravatar.com/avatar/638", "updated_at": "2021-03-23T11:34:14.566Z",
	}
}

// auth0JWKS returns a JWKS document with a certificate, as Auth0 publishes it.
func auth0JWKS(t *testing.T, s signer) []byte {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "tenant.auth0.com"}}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, s.key.Public(), s.key)
	if err != nil {
		t.Fatal(err)
	}
	var document struct{ Keys []map[string]any }
	if err := json.Unmarshal(jwks(t, s), &document); err != nil {
		t.Fatal(err)
	}
	thumbprint := sha1.Sum(certificate)
	maps.Copy(document.Keys[0], map[string]any{
		"alg": "RS256",
		"x5c": []string{base64.StdEncoding.EncodeToString(certificate)},
		"x5t": base64.RawURLEncoding.EncodeToString(thumbprint[:]),
	})
	data, err := json.Marshal(map[string]any{"keys": document.Keys})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestVerify_Auth0(t *testing.T) {
	f := newTokenFactory(t, jwt.SigningMethodRS256)
	keys, err := NewStaticKeySet(auth0JWKS(t, f.signer))
	if err != nil {
		t.Fatal(err)
	}
	v, err := newVerifier(auth0Config(), keys, clock)
	if err != nil {
		t.Fatal(err)
	}
	own := map[string]any{"alg": "RS256", "typ": "JWT", "kid": f.kid}
	rfc9068 := with(own, "typ", "at+jwt")
	token := func(header, claims map[string]any, changes ...any) string {
		claims = maps.Clone(claims)
		for i := 0; i < len(changes); i += 2 {
			name, value := changes[i].(string), changes[i+1]
			if claims[name] = value; value == absent {
				delete(claims, name)
			}
		}
		return f.sign(t, header, claims)
	}
	person := auth0Claims()
	std := with(with(without(person, "azp"), "client_id", auth0Client), "jti", "73WakrfVbNJBaAmhQtEeDv")
	machine := map[string]any{
		"iss": auth0Issuer, "sub": auth0Client + "@clients", "aud": auth0API, "azp": auth0Client,
		"iat": now.Unix(), "exp": now.Add(24 * time.Hour).Unix(), "gty": "client-credentials", "scope": "read:reports",
	}

	want := Claims{ClientID: auth0Client, Scopes: []string{"openid", "profile", "read:reports"}}
	wantWith := func(change func(*Claims)) Claims {
		want := want
		change(&want)
		return want
	}
	for name, tt := range map[string]struct {
		compact string
		want    Claims
	}{
		"Auth0's own profile": {token(own, person), want},
		"RFC 9068 profile":    {token(rfc9068, std), want},
		"one audience":        {token(own, person, "aud", auth0API), want},
		"permissions before the scope": {f.sign(t, own, insert(t, person, `"permissions":["write:reports","read:reports"],`)),
			wantWith(func(c *Claims) { c.Scopes = []string{"write:reports", "read:reports", "openid", "profile"} })},
		"permissions after the scope, in the RFC 9068 profile": {f.sign(t, rfc9068, insert(t, without(with(std, "permissions", []string{"read:reports", "write:reports"}), "scope"), `"scope":"openid profile read:reports",`)),
			wantWith(func(c *Claims) { c.Scopes = []string{"openid", "profile", "read:reports", "write:reports"} })},
		"permissions without scope": {token(own, person, "scope", absent, "permissions", []string{"read:reports"}),
			wantWith(func(c *Claims) { c.Scopes = []string{"read:reports"} })},
		"a permission with a space": {token(own, person, "scope", absent, "permissions", []string{"read:reports write:reports"}),
			wantWith(func(c *Claims) { c.Scopes = []string{"read:reports write:reports"} })},
		"no permissions": {token(own, person, "permissions", []string{}), want},
		"organization": {token(own, person, "org_id", "org_9ybsU1dN2dKfDkBi", "org_name", "acme"),
			wantWith(func(c *Claims) { c.OrganizationID = "org_9ybsU1dN2dKfDkBi" })},
		"Logto's organization claim": {token(own, person, "organization_id", "orgacme00001"), want},
		"both names of the client":   {token(own, person, "client_id", auth0Client), want},
		"azp, client_id is null":     {token(own, person, "client_id", nil), want},
		"client_id, azp is null":     {token(rfc9068, std, "azp", nil), want},
		"custom claims": {token(own, person, "https://example.com/roles", []string{"admin"}, "https://example.com/email", "alice@example.com",
			"email", "not.ours@example.com", "roles", []string{"not ours"}),
			wantWith(func(c *Claims) { c.Roles, c.Email = []string{"admin"}, "alice@example.com" })},
		"machine": {token(own, machine), Claims{ClientID: auth0Client, Scopes: []string{"read:reports"}, Machine: true}},
		"machine of an organization": {token(own, machine, "org_id", "org_1"),
			Claims{ClientID: auth0Client, Scopes: []string{"read:reports"}, Machine: true, OrganizationID: "org_1"}},
		"machine with a bare subject": {token(own, machine, "sub", auth0Client), Claims{ClientID: auth0Client, Scopes: []string{"read:reports"}, Machine: true}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := v.Verify(t.Context(), tt.compact)
			if err != nil {
				t.Fatal(err)
			}
			tt.want.RegisteredClaims = got.RegisteredClaims
			if !reflect.DeepEqual(*got, tt.want) {
				t.Errorf("claims = %+v, want %+v", *got, tt.want)
			}
		})
	}

	ec := newTokenFactory(t, jwt.SigningMethodES384)
	symmetric, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims(person)).SignedString(auth0JWKS(t, f.signer))
	if err != nil {
		t.Fatal(err)
	}
	pss, err := jwt.SigningMethodPS256.Sign(segment(t, own)+"."+segment(t, person), f.key)
	if err != nil {
		t.Fatal(err)
	}
	good := token(own, person)
	for _, a := range []attack{
		{"ID token", token(own, auth0IDClaims()), "not_an_access_token"},
		{"ID token without nonce", token(own, auth0IDClaims(), "nonce", absent), "not_an_access_token"},
		{"ID token with azp", token(own, auth0IDClaims(), "nonce", absent, "azp", auth0Client), "not_an_access_token"},
		{"ID token for our API too", token(own, auth0IDClaims(), "nonce", absent, "aud", []string{auth0API, auth0Client}, "azp", auth0Client), "not_an_access_token"},
		{"ID token of the other application", token(own, auth0IDClaims(), "nonce", absent, "aud", "awZfdIir8YFdGZWkvCejDoUb7SjTDicx", "azp", auth0Client), "not_an_access_token"},
		{"ID token for our API with nonce", token(own, auth0IDClaims(), "aud", auth0API, "azp", auth0Client), "not_an_access_token"},
		{"ID token for our API with at_hash", token(own, person, "at_hash", "77QmUPtjPfzWtF2AnpK9RQ"), "not_an_access_token"},
		{"ID token for our API with c_hash", token(own, person, "c_hash", "77QmUPtjPfzWtF2AnpK9RQ"), "not_an_access_token"},
		{"ID token with the type of an access token", token(rfc9068, auth0IDClaims()), "not_an_access_token"},
		{"no type", token(without(own, "typ"), person), "not_an_access_token"},
		{"logout token", token(with(own, "typ", "logout+jwt"), person), "not_an_access_token"},
		{"type in lower case", token(with(own, "typ", "jwt"), person), "not_an_access_token"},
		{"opaque token", strings.Repeat("x", 32), "opaque"},
		{"encrypted token", segment(t, map[string]string{"alg": "dir", "enc": "A256GCM"}) + "..AAAA.AAAA.AAAA", "opaque"},
		{"issuer without the slash", token(own, person, "iss", strings.TrimSuffix(auth0Issuer, "/")), "issuer"},
		{"issuer with two slashes", token(own, person, "iss", auth0Issuer+"/"), "issuer"},
		{"another tenant", token(own, person, "iss", "https://other.auth0.com/"), "issuer"},
		{"only for userinfo", token(own, person, "aud", auth0UserInfo), "audience"},
		{"for the Management API", token(own, person, "aud", []string{"https://tenant.auth0.com/api/v2/", auth0UserInfo}), "audience"},
		{"a Logto organization", token(own, person, "aud", "urn:logto:organization:orgacme00001"), "audience"},
		{"no application", token(own, person, "azp", absent), "client_id"},
		{"another application", token(own, person, "azp", "other"), "client_id"},
		{"two applications", token(own, person, "client_id", "awZfdIir8YFdGZWkvCejDoUb7SjTDicx"), "malformed"},
		{"application is an array", token(own, person, "azp", []string{auth0Client}), "malformed"},
		{"permissions are a string", token(own, person, "permissions", "read:reports"), "malformed"},
		{"too many permissions", token(own, person, "permissions", make([]string, maxPermissions+1)), "malformed"},
		{"permissions are objects", token(own, person, "permissions", []any{map[string]string{"permission_name": "read:reports"}}), "malformed"},
		{"permissions are numbers", token(own, person, "permissions", []int{1}), "malformed"},
		{"permissions twice", f.sign(t, own, insert(t, with(person, "permissions", []string{}), `"permissions":["read:users"],`)), "malformed"},
		{"permissions in another letter case", token(own, person, "Permissions", []string{"read:users"}), "malformed"},
		{"organization is a number", token(own, person, "org_id", 1), "malformed"},
		{"organization is empty", token(own, person, "org_id", ""), "organization"},
		{"the subject is another machine", token(own, machine, "sub", "awZfdIir8YFdGZWkvCejDoUb7SjTDicx@clients"), "subject"},
		{"subject without a client id", token(own, machine, "sub", "@clients"), "subject"},
		{"expired", token(own, person, "exp", now.Add(-time.Hour).Unix()), "expired"},
		{"HS256 keyed with the key set", symmetric, "algorithm"},
		{"ES384", ec.sign(t, with(own, "alg", "ES384"), person), "algorithm"},
		{"PSS in the signature", good[:strings.LastIndex(good, ".")+1] + base64.RawURLEncoding.EncodeToString(pss), "signature"},
		{"another key", newTokenFactory(t, jwt.SigningMethodRS256).sign(t, own, person), "signature"},
	} {
		t.Run(a.name, func(t *testing.T) {
			_, err := v.Verify(t.Context(), a.compact)
			wantReason(t, err, a.reason)
		})
	}
	t.Run("ID token for any audience", func(t *testing.T) {
		_, err := v.VerifyAnyAudience(t.Context(), token(own, auth0IDClaims(), "nonce", absent, "azp", auth0Client))
		wantReason(t, err, "not_an_access_token")
	})
}

// absent as a value removes the claim.
const absent = "\x00absent"

func TestVerify_LogtoDialectIsStrict(t *testing.T) {
	f := newTokenFactory(t, jwt.SigningMethodES384)
	v := mustVerifier(t, jwks(t, f.signer), now)
	for name, tt := range map[string]struct{ compact, reason string }{
		"typ JWT":                    {f.withHeader("typ", "JWT"), "not_an_access_token"},
		"azp instead of client_id":   {f.sign(t, f.header(), with(without(goodClaims(), "client_id"), "azp", clientID)), "client_id"},
		"a token with five segments": {"a..b.c.d", "malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := v.Verify(t.Context(), tt.compact)
			wantReason(t, err, tt.reason)
		})
	}
	got, err := v.Verify(t.Context(), f.withText("", `"permissions":["read:users"],"org_id":"org_1","azp":"other","nonce":1,`))
	if err != nil {
		t.Fatal(err)
	}
	if slices.Contains(got.Scopes, "read:users") || got.OrganizationID != "" || got.ClientID != clientID {
		t.Errorf("claims = %+v", got)
	}
}

func TestParseKeys_Auth0(t *testing.T) {
	s := newSigner(t, "k1", jwt.SigningMethodRS256)
	document := auth0JWKS(t, s)
	for name, document := range map[string][]byte{
		"good certificate":    document,
		"another certificate": bytes.Replace(document, []byte(`"x5c":["MI`), []byte(`"x5c":["XX`), 1),
	} {
		keys, err := parseKeys(document)
		if err != nil {
			t.Fatal(err)
		}
		if len(keys) != 1 || !keys[0].Key().(interface{ Equal(crypto.PublicKey) bool }).Equal(s.key.Public()) {
			t.Errorf("%s: keys = %v", name, keys)
		}
	}
}
