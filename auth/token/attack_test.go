package token

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// attack is a valid token with one thing changed, or with a harmless change and no reason.
type attack struct {
	name    string
	compact string
	reason  string // empty if it is accepted
}

type tokenFactory struct {
	testing.TB
	signer
}

func newTokenFactory(t testing.TB, method jwt.SigningMethod) tokenFactory {
	return tokenFactory{t, newSigner(t, "k1", method)}
}

func (f tokenFactory) header() map[string]any {
	return map[string]any{"alg": f.method.Alg(), "typ": "at+jwt", "kid": f.kid}
}

func (f tokenFactory) token() string { return f.sign(f, f.header(), goodClaims()) }

func (f tokenFactory) withHeader(name string, value any) string {
	return f.sign(f, with(f.header(), name, value), goodClaims())
}

func (f tokenFactory) withClaim(name string, value any) string {
	return f.sign(f, f.header(), with(goodClaims(), name, value))
}

func (f tokenFactory) withoutClaim(name string) string {
	return f.sign(f, f.header(), without(goodClaims(), name))
}

// withText returns a token with text inserted at the start of its header and claims.
func (f tokenFactory) withText(header, claims string) string {
	return f.sign(f, insert(f, f.header(), header), insert(f, goodClaims(), claims))
}

func (f tokenFactory) withSignature(signature []byte) string {
	token := f.token()
	return token[:strings.LastIndex(token, ".")+1] + base64.RawURLEncoding.EncodeToString(signature)
}

func insert(t testing.TB, object map[string]any, text string) []byte {
	t.Helper()
	data, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return []byte("{" + text + string(data[1:]))
}

func TestVerify_Attacks(t *testing.T) {
	ec, rsa := newTokenFactory(t, jwt.SigningMethodES384), newTokenFactory(t, jwt.SigningMethodRS256)
	document := jwks(t, ec.signer)
	tests := map[string]struct {
		keys    []byte
		attacks []attack
	}{
		"spelling":  {document, spellings(ec)},
		"header":    {document, headers(ec)},
		"algorithm": {document, algorithms(ec, document)},
		"claims":    {document, claims(ec)},
		"ECDSA":     {document, ecdsaSignatures(ec)},
		"RSA":       {jwks(t, rsa.signer), rsaSignatures(rsa)},
	}
	for group, tt := range tests {
		v := mustVerifier(t, tt.keys, now)
		for _, a := range tt.attacks {
			t.Run(group+"/"+a.name, func(t *testing.T) {
				got, err := v.Verify(t.Context(), a.compact)
				if a.reason != "" {
					wantReason(t, err, a.reason)
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
}

// Right after a fetch, invalid tokens still get an InvalidError.
func TestVerify_AttacksAfterFetch(t *testing.T) {
	ec, rsa := newTokenFactory(t, jwt.SigningMethodES384), newTokenFactory(t, jwt.SigningMethodRS256)
	document := jwks(t, ec.signer)
	var hostile []attack
	for _, a := range slices.Concat(spellings(ec), headers(ec), algorithms(ec, document), claims(ec), ecdsaSignatures(ec), rsaSignatures(rsa)) {
		if a.reason != "" {
			hostile = append(hostile, a)
		}
	}
	for _, kid := range []string{"made up", "k2", "0"} {
		hostile = append(hostile, attack{"made-up key " + kid, ec.withHeader("kid", kid), "unknown_key"})
	}
	synctest.Test(t, func(t *testing.T) {
		p := &provider{status: 200, body: document, delay: 20 * time.Millisecond}
		live, _ := p.start(t)
		for _, moment := range []time.Duration{0, 10 * time.Millisecond, 500 * time.Millisecond, fetchInterval, time.Minute} {
			v, err := newVerifier(config(), live.keys, clock) // with an empty cache
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(moment)
			var senders sync.WaitGroup
			for _, a := range hostile {
				senders.Go(func() {
					_, err := v.Verify(t.Context(), a.compact)
					if _, ok := errors.AsType[*InvalidError](err); !ok {
						t.Errorf("%s, after %v: err = %v", a.name, moment, err)
					}
				})
			}
			senders.Wait()
		}
	})
}

func spellings(f tokenFactory) []attack {
	good := f.token()
	parts := strings.Split(good, ".")
	return []attack{
		{"valid", good, ""},
		{"empty", "", "opaque"},
		{"opaque token", strings.Repeat("x", 43), "opaque"},
		{"one segment", parts[0] + ".", "malformed"},
		{"two segments", parts[0] + "." + parts[1], "malformed"},
		{"four segments", good + ".AAAA", "malformed"},
		{"two dots at the end", good + "..", "malformed"},
		{"only dots", "..", "malformed"},
		{"trailing newline", good + "\n", "malformed"},
		{"newline within", parts[0] + ".\r\n" + parts[1] + "." + parts[2], "malformed"},
		{"trailing space", good + " ", "malformed"},
		{"leading space", " " + good, "malformed"},
		{"padding", good + "==", "malformed"},
		{"padded header", parts[0] + "=." + parts[1] + "." + parts[2], "malformed"},
		{"standard base64", parts[0] + "." + parts[1] + "." + strings.Repeat("+/", len(parts[2])/2), "malformed"},
		{"stray bits at the end of the claims", strayBits(f), "malformed"},
		{"too long", good + strings.Repeat("A", maxLength), "too_long"},
		{"1 MB of dots", strings.Repeat(".", 1<<20), "too_long"},
	}
}

// strayBits returns a signed token that only a lenient base64 decoder accepts.
func strayBits(f tokenFactory) string {
	claims := goodClaims()
	for len(segment(f, claims))%4 == 0 { // no unused bits: make the claims longer
		claims["jti"] = claims["jti"].(string) + "x"
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	payload := segment(f, claims)
	last := strings.IndexByte(alphabet, payload[len(payload)-1])
	input := segment(f, f.header()) + "." + payload[:len(payload)-1] + string(alphabet[last+1])
	signature, err := f.method.Sign(input, f.key)
	if err != nil {
		f.Fatal(err)
	}
	return input + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func headers(f tokenFactory) []attack {
	return []attack{
		{"media type in full", f.withHeader("typ", "application/at+jwt"), ""},
		{"unknown parameter", f.withHeader("x", "y"), ""},
		{"one key, no kid", f.sign(f, without(f.header(), "kid"), goodClaims()), ""},

		{"typ JWT, as in ID tokens", f.withHeader("typ", "JWT"), "not_an_access_token"},
		{"no typ", f.sign(f, without(f.header(), "typ"), goodClaims()), "not_an_access_token"},
		{"typ AT+JWT", f.withHeader("typ", "AT+JWT"), "not_an_access_token"},
		{"typ of a logout token", f.withHeader("typ", "logout+jwt"), "not_an_access_token"},
		{"typ is an array", f.withHeader("typ", []string{"at+jwt"}), "malformed"},
		{"critical extension", f.withHeader("crit", []string{"exp"}), "critical_header"},
		{"critical extension, unencoded payload", f.sign(f, with(with(f.header(), "b64", false), "crit", []string{"b64"}), goodClaims()), "critical_header"},
		{"critical is empty", f.withHeader("crit", []string{}), "critical_header"},
		{"critical is null", f.withHeader("crit", nil), "critical_header"},
		{"unknown key", f.withHeader("kid", "k2"), "unknown_key"},
		{"kid is empty", f.withHeader("kid", ""), "unknown_key"},
		{"kid of 5 KB", f.withHeader("kid", strings.Repeat("k", 5<<10)), "unknown_key"},
		{"kid of 10 KB", f.withHeader("kid", strings.Repeat("k", 10<<10)), "too_long"},
		{"kid is a path", f.withHeader("kid", "../../etc/passwd"), "unknown_key"},
		{"kid is SQL", f.withHeader("kid", "' OR 1=1 --"), "unknown_key"},
		{"kid is a number", f.withHeader("kid", 1), "malformed"},
		{"kid is an array", f.withHeader("kid", []string{"k1"}), "malformed"},
		{"header is not JSON", f.sign(f, []byte("nonsense"), goodClaims()), "malformed"},
		{"header is an array", f.sign(f, []byte(`["alg"]`), goodClaims()), "malformed"},
		{"header repeats alg", f.withText(`"alg":"none",`, ""), "malformed"},
		{"header has Alg beside alg", f.withText(`"Alg":"none",`, ""), "malformed"},
		{"header is not UTF-8", f.withText("\"x\":\"\xff\",", ""), "malformed"},
		{"header with more after it", f.sign(f, append(insert(f, f.header(), ""), "{}"...), goodClaims()), "malformed"},
	}
}

func algorithms(f tokenFactory, document []byte) []attack {
	der, err := x509.MarshalPKIXPublicKey(f.key.Public())
	if err != nil {
		f.Fatal(err)
	}
	symmetric := func(secret []byte) string {
		input := segment(f, with(f.header(), "alg", "HS256")) + "." + segment(f, goodClaims())
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(input))
		return input + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	}
	unsigned := func(alg any) string {
		return segment(f, with(f.header(), "alg", alg)) + "." + segment(f, goodClaims()) + "."
	}
	return []attack{
		{"none", unsigned("none"), "algorithm"},
		{"None", unsigned("None"), "algorithm"},
		{"NONE", unsigned("NONE"), "algorithm"},
		{"nOnE", unsigned("nOnE"), "algorithm"},
		{"empty", unsigned(""), "algorithm"},
		{"a number", unsigned(384), "malformed"},
		{"ES384 without signature", unsigned("ES384"), "signature"},
		{"lower case", f.withHeader("alg", "es384"), "algorithm"},
		{"HS256 keyed with the public key in PEM", symmetric(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), "algorithm"},
		{"HS256 keyed with the public key in DER", symmetric(der), "algorithm"},
		{"HS256 keyed with the key set", symmetric(document), "algorithm"},
		{"HS256 keyed with nothing", symmetric(nil), "algorithm"},
		{"ES256 on a P-384 key", f.withHeader("alg", "ES256"), "key_mismatch"},
		{"ES512 on a P-384 key", f.withHeader("alg", "ES512"), "key_mismatch"},
		{"ES256 on a P-384 key without kid", f.sign(f, without(with(f.header(), "alg", "ES256"), "kid"), goodClaims()), "key_mismatch"},
		{"RS256 on an EC key", f.withHeader("alg", "RS256"), "key_mismatch"},
	}
}

func claims(f tokenFactory) []attack {
	members := func(n int) string {
		var text strings.Builder
		for i := range n {
			fmt.Fprintf(&text, `"x%d":0,`, i)
		}
		return text.String()
	}
	at := func(d time.Duration) int64 { return now.Add(d).Unix() }
	return []attack{
		{"issuer with a trailing slash", f.withClaim("iss", issuer+"/"), "issuer"},
		{"issuer in another case", f.withClaim("iss", strings.Replace(issuer, "localhost", "LOCALHOST", 1)), "issuer"},
		{"another issuer", f.withClaim("iss", "https://evil.example/oidc"), "issuer"},
		{"issuer is an array", f.withClaim("iss", []string{issuer}), "malformed"},
		{"no issuer", f.withoutClaim("iss"), "claim_missing"},

		{"audience array with ours", f.withClaim("aud", []string{"other", audience}), ""},
		{"audience array without ours", f.withClaim("aud", []string{"a", "b"}), "audience"},
		{"audience array is empty", f.withClaim("aud", []string{}), "claim_missing"},
		{"another audience", f.withClaim("aud", "https://other.example"), "audience"},
		{"audience with a trailing slash", f.withClaim("aud", audience+"/"), "audience"},
		{"audience is a number", f.withClaim("aud", 1), "malformed"},
		{"no audience", f.withoutClaim("aud"), "claim_missing"},

		{"expired within the leeway", f.withClaim("exp", at(time.Second-leeway)), ""},
		{"expired by the leeway", f.withClaim("exp", at(-leeway)), "expired"},
		{"expired past the leeway", f.withClaim("exp", at(-leeway-time.Second)), "expired"},
		{"expiry with a fraction", f.withClaim("exp", float64(at(time.Hour))+0.5), ""},
		{"expiry is negative", f.withClaim("exp", -1), "expired"},
		{"expiry is a string", f.withClaim("exp", "4102444800"), "malformed"},
		{"expiry is an array", f.withClaim("exp", []int{1}), "malformed"},
		{"expiry too large", f.withClaim("exp", int64(1)<<62), "malformed"},
		{"expiry is null", f.withClaim("exp", nil), "claim_missing"},
		{"no expiry", f.withoutClaim("exp"), "claim_missing"},
		{"not before, within the leeway", f.withClaim("nbf", at(leeway)), ""},
		{"not before, past the leeway", f.withClaim("nbf", at(leeway+time.Second)), "not_yet_valid"},
		{"issued within the leeway", f.withClaim("iat", at(leeway)), ""},
		{"issued past the leeway", f.withClaim("iat", at(leeway+time.Second)), "not_yet_valid"},
		{"issued in 2099", f.withClaim("iat", 4070908800), "not_yet_valid"},

		{"no scope", f.withoutClaim("scope"), ""},
		{"scope is empty", f.withClaim("scope", ""), ""},
		{"scope is a number", f.withClaim("scope", 1), "malformed"},
		{"scope is an array", f.withClaim("scope", []string{"read:reports"}), "malformed"},

		{"no subject", f.withoutClaim("sub"), "subject"},
		{"empty subject", f.withClaim("sub", ""), "subject"},
		{"NUL in the subject", f.withClaim("sub", "a\x00b"), "subject"},
		{"newline in the subject", f.withClaim("sub", "a\nb"), "subject"},
		{"long subject", f.withClaim("sub", strings.Repeat("a", maxID+1)), "subject"},
		{"subject of 10 KB", f.withClaim("sub", strings.Repeat("a", 10<<10)), "too_long"},
		{"subject is a number", f.withClaim("sub", 1), "malformed"},
		{"subject is not UTF-8", f.sign(f, f.header(), insert(f, without(goodClaims(), "sub"), "\"sub\":\"\xff\",")), "malformed"},

		{"half a surrogate pair in the subject", f.withClaim("sub", json.RawMessage(`"a\ud800"`)), "subject"},
		{"subject is null", f.withClaim("sub", nil), "subject"},

		{"client of another application", f.withClaim("client_id", "other"), "client_id"},
		{"client in another case", f.withClaim("client_id", strings.ToUpper(clientID)), "client_id"},
		{"no client", f.withoutClaim("client_id"), "client_id"},
		{"client is an array", f.withClaim("client_id", []string{clientID}), "malformed"},

		{"unknown claim", f.withClaim("x", []any{1, nil, map[string]any{"y": []string{"]", "\""}}}), ""},
		{"repeated claim", f.withText("", `"sub":"admin",`), "malformed"},
		{"repeated claim, spelled with an escape", f.withText("", `"s\u0075b":"admin",`), "malformed"},
		{"Aud beside aud", f.withText("", `"Aud":"https://other.example",`), "malformed"},
		{"SUB beside sub", f.withText("", `"SUB":"admin",`), "malformed"},
		{"claims are an array", f.sign(f, f.header(), []byte(`["sub"]`)), "malformed"},
		{"claims are null", f.sign(f, f.header(), []byte(`null`)), "malformed"},
		{"claims are not JSON", f.sign(f, f.header(), []byte(`{"sub":`)), "malformed"},
		{"claims with more after them", f.sign(f, f.header(), append(insert(f, goodClaims(), ""), "{}"...)), "malformed"},
		{"as many claims as allowed", f.withText("", members(maxMembers-len(goodClaims()))), ""},
		{"one claim more", f.withText("", members(maxMembers-len(goodClaims())+1)), "malformed"},
		{"too many audiences", f.withClaim("aud", append(make([]string, maxAudiences), audience)), "malformed"},
		{"claims nested deeply", f.withText("", `"x":`+strings.Repeat("[", 2000)+strings.Repeat("]", 2000)+`,`), ""},
	}
}

func ecdsaSignatures(f tokenFactory) []attack {
	good := f.token()
	raw, err := base64.RawURLEncoding.DecodeString(good[strings.LastIndex(good, ".")+1:])
	if err != nil {
		f.Fatal(err)
	}
	half := len(raw) / 2
	r, s := new(big.Int).SetBytes(raw[:half]), new(big.Int).SetBytes(raw[half:])
	n := f.key.(*ecdsa.PrivateKey).Params().N
	asASN1, err := asn1.Marshal(struct{ R, S *big.Int }{r, s})
	if err != nil {
		f.Fatal(err)
	}
	// pair encodes both numbers with the same length, even if they are too large.
	pair := func(r, s *big.Int) []byte {
		size := max(half, len(r.Bytes()), len(s.Bytes()))
		return append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...)
	}
	zero := new(big.Int)
	other := f.withClaim("sub", "somebody else")
	return []attack{
		{"valid", good, ""},
		{"of another token", good[:strings.LastIndex(good, ".")] + other[strings.LastIndex(other, "."):], "signature"},
		{"in ASN.1", f.withSignature(asASN1), "signature"},
		{"r is zero", f.withSignature(pair(zero, s)), "signature"},
		{"s is zero", f.withSignature(pair(r, zero)), "signature"},
		{"both are zero", f.withSignature(pair(zero, zero)), "signature"},
		{"r + n", f.withSignature(pair(new(big.Int).Add(r, n), s)), "signature"},
		{"r is n", f.withSignature(pair(n, s)), "signature"},
		{"short", f.withSignature(raw[:len(raw)-1]), "signature"},
		{"long", f.withSignature(append(raw[:len(raw):len(raw)], 0)), "signature"},
		{"none", f.withSignature(nil), "signature"},
	}
}

func rsaSignatures(f tokenFactory) []attack {
	input := segment(f, with(f.header(), "alg", "RS256")) + "." + segment(f, goodClaims())
	pss, err := jwt.SigningMethodPS256.Sign(input, f.key)
	if err != nil {
		f.Fatal(err)
	}
	sum := sha256.Sum256([]byte(input))
	rs384, err := f.key.Sign(nil, append(sum[:], make([]byte, 16)...), crypto.SHA384)
	if err != nil {
		f.Fatal(err)
	}
	ps256 := signer{f.kid, jwt.SigningMethodPS256, f.key}
	return []attack{
		{"valid", f.token(), ""},
		{"RS256 in the header, PSS in the signature", f.withSignature(pss), "signature"},
		{"RS256 in the header, SHA-384 in the signature", f.withSignature(rs384), "signature"},
		{"PS256 on an RS256 key", ps256.sign(f, with(f.header(), "alg", "PS256"), goodClaims()), "algorithm"},
		{"ES256 on an RSA key", f.withHeader("alg", "ES256"), "key_mismatch"},
		{"none", f.withSignature(nil), "signature"},
		{"all zero", f.withSignature(make([]byte, 256)), "signature"},
	}
}
