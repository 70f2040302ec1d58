package main

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
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"sync/atomic"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"
)

const (
	issuerURL = "https://example.logto.app/oidc"
	audience  = "https://api.encoreapp.com"
	clientID  = "spa1localencore2logto"
)

// issuer signs access tokens like Logto's, serves its key set on loopback, and
// counts the fetches.
type issuer struct {
	method  jwt.SigningMethod
	private crypto.Signer
	kid     string
	jwks    []byte
	server  *httptest.Server
	public  *http.Server // serves the key set to the backends; may be nil
	fetches atomic.Int64
}

func newIssuer(algorithm string) (*issuer, error) {
	private, err := newKey(algorithm)
	if err != nil {
		return nil, err
	}
	is := &issuer{
		method:  jwt.GetSigningMethod(algorithm),
		private: private,
		kid:     newKeyID(),
	}
	if is.jwks, err = keySet(private.Public(), algorithm, is.kid); err != nil {
		return nil, err
	}
	is.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		is.fetches.Add(1)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(is.jwks) // the client has gone
	}))
	return is, nil
}

// newKeyID returns a key ID like Logto's: a hash in base64url.
func newKeyID() string {
	id := make([]byte, 32)
	_, _ = rand.Read(id) // never fails
	return base64.RawURLEncoding.EncodeToString(id)
}

func newKey(algorithm string) (crypto.Signer, error) {
	switch algorithm {
	case "ES384":
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case "ES256":
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "RS256":
		return rsa.GenerateKey(rand.Reader, 2048)
	case "EdDSA":
		_, private, err := ed25519.GenerateKey(rand.Reader)
		return private, err
	}
	return nil, fmt.Errorf("no key for the algorithm %q", algorithm)
}

func keySet(public crypto.PublicKey, algorithm, kid string) ([]byte, error) {
	key, err := jwkset.NewJWKFromKey(public, jwkset.JWKOptions{
		Metadata: jwkset.JWKMetadataOptions{ALG: jwkset.ALG(algorithm), KID: kid, USE: jwkset.UseSig},
	})
	if err != nil {
		return nil, err
	}
	return json.Marshal(jwkset.JWKSMarshal{Keys: []jwkset.JWKMarshal{key.Marshal()}})
}

func (is *issuer) close() {
	is.server.Close()
	if is.public != nil {
		is.public.Close()
	}
}

// newPublicIssuer returns an issuer whose keys the backends fetch, and the values
// of the environment variables with these names.
func newPublicIssuer(algorithm string, names ...string) (*issuer, []string, error) {
	var values []string
	for _, name := range append(names, "KEYS_ADDRESS") {
		value := os.Getenv(name)
		if value == "" {
			return nil, nil, fmt.Errorf("needs %s: use make bench", name)
		}
		values = append(values, value)
	}
	is, err := newIssuer(algorithm)
	if err != nil {
		return nil, nil, err
	}
	listener, err := net.Listen("tcp", values[len(names)])
	if err != nil {
		is.close()
		return nil, nil, err
	}
	is.public = &http.Server{Handler: is.server.Config.Handler}
	go is.public.Serve(listener)
	return is, values, nil
}

// token returns an access token with the claims of Logto's tokens for an API
// resource. No two are the same.
func (is *issuer) token(subject string) (string, error) {
	return is.tokenWithKey(is.kid, subject)
}

// tokenWithKey returns a token that claims to be signed with the key kid.
func (is *issuer) tokenWithKey(kid, subject string) (string, error) {
	header, err := json.Marshal(struct {
		Algorithm string `json:"alg"`
		Type      string `json:"typ"`
		KeyID     string `json:"kid"`
	}{is.method.Alg(), "at+jwt", kid})
	if err != nil {
		return "", err
	}
	now := time.Now()
	payload, err := json.Marshal(struct {
		ID        string `json:"jti"`
		Subject   string `json:"sub"`
		IssuedAt  int64  `json:"iat"`
		ExpiresAt int64  `json:"exp"`
		Scope     string `json:"scope"`
		ClientID  string `json:"client_id"`
		Issuer    string `json:"iss"`
		Audience  string `json:"aud"`
	}{
		rand.Text()[:21], subject, now.Unix(), now.Add(time.Hour).Unix(),
		"read:reports write:reports", clientID, issuerURL, audience,
	})
	if err != nil {
		return "", err
	}
	segments := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(payload)
	signature, err := is.method.Sign(segments, is.private)
	if err != nil {
		return "", err
	}
	return segments + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

func (is *issuer) tokens(n int) ([]string, error) {
	tokens := make([]string, n)
	var err error
	for i := range tokens {
		token, signError := is.token(fmt.Sprintf("user%08d", i))
		tokens[i], err = token, errors.Join(err, signError)
	}
	return tokens, err
}
