package faults

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"testing"
	"time"
)

// The values in the application's configuration.
const (
	audience = "https://api.encoreapp.com"
	clientID = "spa1localencore2logto"
)

type provider struct {
	address   string
	key       *ecdsa.PrivateKey // signs the tokens
	kid       string
	published []any // the public keys, also of keys that it signed with before
	server    *http.Server
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	p := &provider{address: freeAddress(t)}
	p.rotate(t)
	t.Cleanup(p.stop)
	return p
}

// rotate makes the provider sign with a new key. The next start publishes that key
// along with the earlier ones.
func (p *provider) rotate(t *testing.T) {
	t.Helper()
	p.key, p.kid = newKey(t), fmt.Sprint("key-", len(p.published)+1)
	point, err := p.key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	x, y := point[1:49], point[49:] // the first byte means "uncompressed"
	p.published = append(p.published, map[string]any{
		"kty": "EC", "crv": "P-384", "use": "sig", "alg": "ES384", "kid": p.kid,
		"x": base64.RawURLEncoding.EncodeToString(x), "y": base64.RawURLEncoding.EncodeToString(y),
	})
}

func (p *provider) issuer() string { return "http://" + p.address + "/oidc" }

func (p *provider) start(t *testing.T) {
	t.Helper()
	keySet := encode(t, map[string]any{"keys": p.published})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /oidc/jwks", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(keySet) // if it does not arrive, the test fails
	})
	listener, err := net.Listen("tcp", p.address)
	if err != nil {
		t.Fatal(err)
	}
	p.server = &http.Server{Handler: mux}
	go p.server.Serve(listener)
}

func (p *provider) stop() {
	if p.server != nil {
		p.server.Close()
	}
}

func (p *provider) token(t *testing.T, person string) string {
	t.Helper()
	return p.sign(t, p.key, person, nil)
}

func (p *provider) tokenWith(t *testing.T, person string, claims map[string]any) string {
	t.Helper()
	return p.sign(t, p.key, person, claims)
}

// forged returns a token signed with a different key.
func (p *provider) forged(t *testing.T) string {
	t.Helper()
	return p.sign(t, newKey(t), person(), nil)
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// scope is the scope of the tokens. An example adds to it.
var scope = "read:users"

func (p *provider) sign(t *testing.T, key *ecdsa.PrivateKey, person string, more map[string]any) string {
	t.Helper()
	now := time.Now().Unix()
	claims := map[string]any{
		"jti": rand.Text(), "sub": person, "iat": now, "exp": now + 3600,
		"client_id": clientID, "iss": p.issuer(), "aud": audience, "scope": scope,
	}
	maps.Copy(claims, more)
	content := base64.RawURLEncoding.EncodeToString(encode(t, map[string]any{
		"alg": "ES384", "typ": "at+jwt", "kid": p.kid,
	})) + "." + base64.RawURLEncoding.EncodeToString(encode(t, claims))
	digest := sha512.Sum384([]byte(content))
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	signature := append(r.FillBytes(make([]byte, 48)), s.FillBytes(make([]byte, 48))...)
	return content + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
