package token

import (
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

// The payloads don't have to be claims.
func TestKeySet_VerifySignature(t *testing.T) {
	for name, method := range methods {
		t.Run(name, func(t *testing.T) {
			s, other := newSigner(t, "k1", method), newSigner(t, "k1", method)
			keys, err := NewStaticKeySet(jwksWithAlgorithms(t, s))
			if err != nil {
				t.Fatal(err)
			}
			for _, payload := range []string{"", "It's a dangerous business", "{}", "\x00\xff"} {
				header := map[string]any{"alg": name, "kid": "k1"}
				got, err := keys.VerifySignature(t.Context(), s.sign(t, header, []byte(payload)))
				if err != nil || string(got) != payload {
					t.Errorf("payload = %q, err = %v, want %q", got, err, payload)
				}
				_, err = keys.VerifySignature(t.Context(), other.sign(t, header, []byte(payload)))
				wantReason(t, err, "signature")
			}
		})
	}
}

func jwksWithAlgorithms(t testing.TB, s signer) []byte {
	t.Helper()
	return []byte(strings.Replace(string(jwks(t, s)), `{"keys":[{`, `{"keys":[{"alg":"`+s.method.Alg()+`",`, 1))
}

func TestKeySet_VerifySignature_InvalidError(t *testing.T) {
	s := newSigner(t, "k1", jwt.SigningMethodES256)
	keys, err := NewStaticKeySet(jwks(t, s))
	if err != nil {
		t.Fatal(err)
	}
	header := map[string]any{"alg": "ES256", "kid": "k1"}
	good := s.sign(t, header, []byte("payload"))
	parts := strings.Split(good, ".")
	tests := []struct{ name, compact, reason string }{
		{"too long", good + strings.Repeat("A", maxLength), "too_long"},
		{"empty", "", "malformed"},
		{"two segments", parts[0] + "." + parts[1], "malformed"},
		{"four segments", good + ".", "malformed"},
		{"newline", good + "\n", "malformed"},
		{"space in the payload", parts[0] + ". " + parts[1] + "." + parts[2], "malformed"},
		{"padded payload", parts[0] + "." + parts[1] + "==." + parts[2], "malformed"},
		{"padded signature", good + "==", "malformed"},
		{"no header", "." + parts[1] + "." + parts[2], "malformed"},
		{"header is not JSON", segment(t, []byte("ES256")) + "." + parts[1] + "." + parts[2], "malformed"},
		{"header with more after it", segment(t, []byte(`{"alg":"ES256","kid":"k1"}{}`)) + "." + parts[1] + "." + parts[2], "malformed"},
		{"alg none", segment(t, with(header, "alg", "none")) + "." + parts[1] + ".", "algorithm"},
		{"alg HS256", s.sign(t, with(header, "alg", "HS256"), []byte("payload")), "algorithm"},
		{"critical", s.sign(t, with(header, "crit", []string{"x"}), []byte("payload")), "critical_header"},
		{"unknown key", s.sign(t, with(header, "kid", "k2"), []byte("payload")), "unknown_key"},
		{"another algorithm than the key's", s.sign(t, with(header, "alg", "ES384"), []byte("payload")), "key_mismatch"},
		{"signature of another payload", parts[0] + "." + segment(t, []byte("other")) + "." + parts[2], "signature"},
		{"no signature", parts[0] + "." + parts[1] + ".", "signature"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			payload, err := keys.VerifySignature(t.Context(), tt.compact)
			wantReason(t, err, tt.reason)
			if payload != nil {
				t.Errorf("payload = %q", payload)
			}
		})
	}
}

// If the token has no kid, all keys for its algorithm are tried.
func TestKeySet_NoKeyID(t *testing.T) {
	first, second := newSigner(t, "k1", jwt.SigningMethodES384), newSigner(t, "k2", jwt.SigningMethodES384)
	rsa, stranger := newSigner(t, "k3", jwt.SigningMethodRS256), newSigner(t, "k4", jwt.SigningMethodES384)
	keys, err := NewStaticKeySet(jwks(t, rsa, first, second))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []signer{first, second, rsa} {
		if _, err := keys.VerifySignature(t.Context(), s.sign(t, map[string]any{"alg": s.method.Alg()}, []byte("x"))); err != nil {
			t.Errorf("%s: %v", s.kid, err)
		}
	}
	_, err = keys.VerifySignature(t.Context(), stranger.sign(t, map[string]any{"alg": "ES384"}, []byte("x")))
	wantReason(t, err, "signature")
}

func TestKeySet_MaxCandidates(t *testing.T) {
	var signers []signer
	for i := range maxCandidates + 1 {
		signers = append(signers, newSigner(t, strconv.Itoa(i), jwt.SigningMethodES256))
	}
	keys, err := NewStaticKeySet(jwks(t, signers...))
	if err != nil {
		t.Fatal(err)
	}
	candidates, err := keys.current.candidates(header{alg: "ES256"})
	if err != nil || len(candidates) != maxCandidates {
		t.Errorf("%d keys, err = %v", len(candidates), err)
	}
}

// A key without "alg" fits every algorithm for its type and curve.
func TestKeySet_KeyWithoutAlgorithm(t *testing.T) {
	rs, ec := newSigner(t, "k1", jwt.SigningMethodRS256), newSigner(t, "k1", jwt.SigningMethodES384)
	withoutAlgorithm := func(s signer) []byte {
		return []byte(strings.Replace(string(jwks(t, s)), `"alg":"ES384",`, "", 1))
	}
	for _, tt := range []struct {
		name, reason string
		document     []byte
		key          signer
		methods      []string
	}{
		{"RSA without", "", withoutAlgorithm(rs), rs, []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}},
		{"RSA for RS256", "key_mismatch", jwksWithAlgorithms(t, rs), rs, []string{"RS384", "RS512", "PS256", "PS384", "PS512"}},
		{"P-384 without", "", withoutAlgorithm(ec), ec, []string{"ES384"}},
	} {
		keys, err := NewStaticKeySet(tt.document)
		if err != nil {
			t.Fatal(err)
		}
		for _, algorithm := range tt.methods {
			s := signer{"k1", methods[algorithm], tt.key.key}
			for _, header := range []map[string]any{{"alg": algorithm, "kid": "k1"}, {"alg": algorithm}} {
				_, err := keys.VerifySignature(t.Context(), s.sign(t, header, []byte("x")))
				if tt.reason != "" {
					wantReason(t, err, tt.reason)
				} else if err != nil {
					t.Errorf("%s, %s: %v", tt.name, algorithm, err)
				}
			}
		}
	}
	keys, err := NewStaticKeySet(withoutAlgorithm(ec))
	if err != nil {
		t.Fatal(err)
	}
	for _, algorithm := range []string{"ES256", "ES512", "RS256", "PS256", "EdDSA"} {
		for _, header := range []map[string]any{{"alg": algorithm, "kid": "k1"}, {"alg": algorithm}} {
			_, err := keys.VerifySignature(t.Context(), ec.sign(t, header, []byte("x")))
			wantReason(t, err, "key_mismatch")
		}
	}
}

// A salt must be as long as the hash (RFC 7518, section 3.5).
func TestKeySet_PSSSaltLength(t *testing.T) {
	s := newSigner(t, "k1", jwt.SigningMethodRS256)
	keys, err := NewStaticKeySet(jwks(t, s))
	if err != nil {
		t.Fatal(err)
	}
	for name, method := range map[string]*jwt.SigningMethodRSAPSS{
		"PS256": jwt.SigningMethodPS256, "PS384": jwt.SigningMethodPS384, "PS512": jwt.SigningMethodPS512,
	} {
		size := method.Hash.Size()
		for salt, reason := range map[int]string{size: "", size - 1: "signature", size + 1: "signature", 20: "signature", 100: "signature"} {
			salted := *method
			salted.Options = &rsa.PSSOptions{SaltLength: salt}
			s.method = &salted
			_, err = keys.VerifySignature(t.Context(), s.sign(t, map[string]any{"alg": name, "kid": "k1"}, []byte("x")))
			if reason != "" {
				wantReason(t, err, reason)
			} else if err != nil {
				t.Errorf("%s, salt of %d bytes: %v", name, salt, err)
			}
		}
	}
}

// Accepted input must be exactly what was signed.
func FuzzKeySet_VerifySignature(f *testing.F) {
	s := newSigner(f, "k1", jwt.SigningMethodES256)
	keys, err := NewStaticKeySet(jwks(f, s))
	if err != nil {
		f.Fatal(err)
	}
	good := s.sign(f, map[string]any{"alg": "ES256", "kid": "k1"}, []byte("payload"))
	for _, seed := range []string{good, good + "=", good + "\n", strings.Replace(good, ".", "..", 1), "", "..", "a.b.c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, compact string) {
		payload, err := keys.VerifySignature(t.Context(), compact)
		if err == nil && compact != good {
			t.Errorf("%q is accepted with the payload %q", compact, payload)
		}
	})
}

// The fuzzer's header and claims are signed, so that it gets past the signature check.
func FuzzVerifier_Verify(f *testing.F) {
	s := newSigner(f, "k1", jwt.SigningMethodES256)
	v := mustVerifier(f, jwks(f, s), now)
	goodHeader, err := json.Marshal(map[string]any{"alg": "ES256", "typ": "at+jwt", "kid": "k1"})
	if err != nil {
		f.Fatal(err)
	}
	goodPayload, err := json.Marshal(goodClaims())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(goodHeader, goodPayload)
	f.Add([]byte(`{"alg":"ES256","typ":"at+jwt"}`), []byte(`{"aud":["https://api.encoreapp.com"],"exp":1e400}`))
	f.Add([]byte(`{"alg":"ES256","alg":"none"}`), []byte(`{"sub":"a","SUB":"b"}`))
	f.Add([]byte(`null`), []byte(`[[[[`))
	f.Fuzz(func(t *testing.T, header, payload []byte) {
		claims, err := v.Verify(t.Context(), s.sign(t, header, payload))
		if err != nil {
			return
		}
		var plain struct {
			Issuer   string `json:"iss"`
			Subject  string `json:"sub"`
			ClientID string `json:"client_id"`
		}
		if err := json.Unmarshal(payload, &plain); err != nil {
			t.Fatalf("%q is accepted: %v", payload, err)
		}
		if plain.Issuer != issuer || plain.Subject != claims.Subject || plain.ClientID != clientID || claims.ExpiresAt == nil {
			t.Errorf("header %q and claims %q are accepted as %+v", header, payload, claims)
		}
	})
}

func FuzzParseKeys(f *testing.F) {
	for _, name := range []string{"jwks.json", "jwks-two-keys-after-rotation.json"} {
		f.Add(readFile(f, name))
	}
	f.Add([]byte(`{"keys":[{"kty":"oct","k":"` + base64.RawURLEncoding.EncodeToString([]byte("secret")) + `"}]}`))
	f.Add([]byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","x":""}]}`))
	f.Fuzz(func(t *testing.T, document []byte) {
		keys, err := parseKeys(document)
		if err != nil {
			return
		}
		for _, key := range keys {
			if algorithm := key.Marshal().ALG.String(); !fitsAny(key.Key()) || (algorithm != "" && methods[algorithm] == nil) {
				t.Errorf("%q has a key for %q", document, algorithm)
			}
		}
	})
}
