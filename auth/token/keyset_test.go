package token

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// provider is a fake key endpoint without a network, so that tests can use a fake clock.
type provider struct {
	fetches atomic.Int32

	mu     sync.Mutex
	status int
	body   []byte
	delay  time.Duration
	err    error
}

func (p *provider) serve(status int, body []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status, p.body, p.err, p.delay = status, body, nil, 0
}

func (p *provider) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err = err
}

func (p *provider) delayBy(delay time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = delay
}

func (p *provider) RoundTrip(req *http.Request) (*http.Response, error) {
	p.fetches.Add(1)
	p.mu.Lock()
	status, body, delay, err := p.status, p.body, p.delay, p.err
	p.mu.Unlock()
	select {
	case <-time.After(delay):
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	if err != nil {
		return nil, err
	}
	header := http.Header{}
	if status == http.StatusFound {
		if req.URL.Path == "/elsewhere" {
			status = http.StatusOK
		}
		header.Set("Location", "/elsewhere")
	}
	return &http.Response{StatusCode: status, Header: header, Status: http.StatusText(status), Body: io.NopCloser(bytes.NewReader(body)), Request: req}, nil
}

// start returns a verifier with the provider's keys, and the notifications so far.
func (p *provider) start(t *testing.T) (v *Verifier, notified func() []bool) {
	t.Helper()
	var mu sync.Mutex
	var outcomes []bool
	from := newSource("http://localhost:3001/oidc/jwks")
	from.client.Transport = p
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	keys, err := newRemoteKeySet(ctx, from, func(err error) {
		mu.Lock()
		defer mu.Unlock()
		outcomes = append(outcomes, err == nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	synctest.Wait()

	v, err = newVerifier(config(), keys, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return v, func() []bool {
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		return outcomes
	}
}

// fresh returns a token that is valid at the current time.
func fresh(t *testing.T, s signer) string {
	t.Helper()
	claims := with(goodClaims(), "iat", time.Now().Unix())
	return s.sign(t, with(goodHeader(s.kid), "alg", s.method.Alg()), with(claims, "exp", time.Now().Add(time.Hour).Unix()))
}

func TestKeySet_FetchesOnce(t *testing.T) {
	s := newSigner(t, "k1", jwt.SigningMethodES384)
	synctest.Test(t, func(t *testing.T) {
		p := &provider{status: 200, body: jwks(t, s)}
		v, _ := p.start(t)
		for range 20 {
			if _, err := v.Verify(t.Context(), fresh(t, s)); err != nil {
				t.Fatal(err)
			}
		}
		if n := p.fetches.Load(); n != 1 {
			t.Errorf("fetches = %d, want 1", n)
		}

		p.fail(errors.New("connection refused"))
		time.Sleep(24 * time.Hour)
		if _, err := v.Verify(t.Context(), fresh(t, s)); err != nil {
			t.Errorf("after a day of outage: %v", err)
		}
	})
}

func TestKeySet_ProviderDownAtStart(t *testing.T) {
	s := newSigner(t, "k1", jwt.SigningMethodES384)
	synctest.Test(t, func(t *testing.T) {
		p := &provider{err: errors.New("connection refused")}
		v, notified := p.start(t)
		for _, compact := range []string{fresh(t, s), s.sign(t, without(goodHeader("k1"), "kid"), goodClaimsNow())} {
			if _, err := v.Verify(t.Context(), compact); !errors.Is(err, ErrKeysUnavailable) {
				t.Fatalf("err = %v, want ErrKeysUnavailable", err)
			}
		}

		p.serve(200, jwks(t, s))
		time.Sleep(2 * time.Second)
		if _, err := v.Verify(t.Context(), fresh(t, s)); err != nil {
			t.Errorf("2 s after the provider came back: %v", err)
		}
		if got := notified(); len(got) != 2 || got[0] || !got[1] {
			t.Errorf("notified = %v, want one failure and one recovery", got)
		}
	})
}

func goodClaimsNow() map[string]any {
	return with(with(goodClaims(), "iat", time.Now().Unix()), "exp", time.Now().Add(time.Hour).Unix())
}

func TestKeySet_Rotation(t *testing.T) {
	before, after := newSigner(t, "k1", jwt.SigningMethodES384), newSigner(t, "k2", jwt.SigningMethodRS256)
	synctest.Test(t, func(t *testing.T) {
		p := &provider{status: 200, body: jwks(t, before)}
		v, _ := p.start(t)
		p.serve(200, jwks(t, after, before))
		for _, s := range []signer{after, before} {
			if _, err := v.Verify(t.Context(), fresh(t, s)); err != nil {
				t.Errorf("key %s: %v", s.kid, err)
			}
		}
		if n := p.fetches.Load(); n != 2 {
			t.Errorf("fetches = %d, want 2", n)
		}
	})
}

func TestKeySet_RemovedKey(t *testing.T) {
	before, after := newSigner(t, "k1", jwt.SigningMethodES384), newSigner(t, "k2", jwt.SigningMethodES384)
	synctest.Test(t, func(t *testing.T) {
		p := &provider{status: 200, body: jwks(t, before)}
		v, _ := p.start(t)
		compact := fresh(t, before)
		p.serve(200, jwks(t, after))
		time.Sleep(refreshInterval + time.Second)
		_, err := v.Verify(t.Context(), compact)
		wantReason(t, err, "unknown_key")
	})
}

func TestKeySet_UnknownKeyFlood(t *testing.T) {
	s := newSigner(t, "k1", jwt.SigningMethodES384)
	rotated := newSigner(t, "k2", jwt.SigningMethodES384)
	synctest.Test(t, func(t *testing.T) {
		p := &provider{status: 200, body: jwks(t, s), delay: 50 * time.Millisecond}
		v, _ := p.start(t)
		began := time.Now()
		ctx, stop := context.WithCancel(t.Context())
		var flood sync.WaitGroup
		for range 64 {
			flood.Go(func() {
				for ctx.Err() == nil {
					forged := segment(t, goodHeader(rand.Text())) + "." + segment(t, goodClaimsNow()) + ".AAAA"
					if _, err := v.Verify(ctx, forged); ctx.Err() == nil {
						wantReason(t, err, "unknown_key")
					}
				}
			})
		}
		for i := range 5 {
			time.Sleep(time.Second + time.Duration(i)*250*time.Millisecond)
			s, rotated = rotated, newSigner(t, rand.Text(), jwt.SigningMethodES384)
			p.serve(200, jwks(t, s, rotated))
			published := time.Now()
			if _, err := v.Verify(t.Context(), fresh(t, rotated)); err != nil {
				t.Error(err)
			}
			if took := time.Since(published); took > 2*time.Second {
				t.Errorf("the rotation was noticed after %v", took)
			}
		}
		stop()
		flood.Wait()
		if n, most := int(p.fetches.Load()), 1+int(time.Since(began)/time.Second); n > most {
			t.Errorf("%d fetches in %v", n, time.Since(began))
		}
	})
}

// A key is reported as unknown only after a fetch that started after the call.
func TestKeySet_UnknownKeyAfterFetch(t *testing.T) {
	s, rotated := newSigner(t, "k1", jwt.SigningMethodES384), newSigner(t, "k2", jwt.SigningMethodES384)
	synctest.Test(t, func(t *testing.T) {
		p := &provider{status: 200, body: jwks(t, s), delay: 500 * time.Millisecond}
		v, _ := p.start(t) // the running fetch will return the old key only
		p.serve(200, jwks(t, s, rotated))
		if _, err := v.Verify(t.Context(), fresh(t, rotated)); err != nil {
			t.Error(err)
		}
		time.Sleep(5 * time.Second) // no further fetch is needed
		if n := p.fetches.Load(); n != 2 {
			t.Errorf("fetches = %d, want 2", n)
		}
	})
}

func TestKeySet_MaxWaiting(t *testing.T) {
	s := newSigner(t, "k1", jwt.SigningMethodES384)
	synctest.Test(t, func(t *testing.T) {
		p := &provider{status: 200, body: jwks(t, s)}
		v, _ := p.start(t)
		forged := s.sign(t, goodHeader("made up"), goodClaimsNow())
		for range 2 {
			ctx, cancel := context.WithCancel(t.Context())
			var waiters sync.WaitGroup
			for range maxWaiting {
				waiters.Go(func() {
					if _, err := v.Verify(ctx, forged); !errors.Is(err, context.Canceled) {
						t.Errorf("err = %v, want %v", err, context.Canceled)
					}
				})
			}
			synctest.Wait()
			if _, err := v.Verify(t.Context(), forged); !errors.Is(err, ErrBusy) {
				t.Errorf("err = %v, want ErrBusy", err)
			}
			cancel()
			waiters.Wait()
		}
		_, err := v.Verify(t.Context(), forged)
		wantReason(t, err, "unknown_key")
	})
}

func TestKeySet_SlowFetch(t *testing.T) {
	s := newSigner(t, "k1", jwt.SigningMethodES384)
	synctest.Test(t, func(t *testing.T) {
		p := &provider{status: 200, body: jwks(t, s)}
		v, _ := p.start(t)
		p.delayBy(fetchTimeout - time.Second)
		began := time.Now()
		if _, err := v.Verify(t.Context(), s.sign(t, goodHeader("made up"), goodClaimsNow())); !errors.Is(err, ErrBusy) {
			t.Errorf("err = %v, want ErrBusy", err)
		}
		if waited := time.Since(began); waited > maxWait {
			t.Errorf("waited %v, want %v at most", waited, maxWait)
		}
	})
}

func TestKeySet_OneFetchForAllWaiters(t *testing.T) {
	s := newSigner(t, "k1", jwt.SigningMethodES384)
	synctest.Test(t, func(t *testing.T) {
		p := &provider{status: 200, body: jwks(t, s), delay: time.Second}
		v, _ := p.start(t)
		compact := fresh(t, s)
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if _, err := v.Verify(t.Context(), compact); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := p.fetches.Load(); n != 1 {
			t.Errorf("fetches = %d, want 1", n)
		}
	})
}

func TestKeySet_RetriesOncePerSecond(t *testing.T) {
	s := newSigner(t, "k1", jwt.SigningMethodES384)
	synctest.Test(t, func(t *testing.T) {
		p := &provider{err: errors.New("connection refused")}
		v, _ := p.start(t)
		for range 100 {
			if _, err := v.Verify(t.Context(), fresh(t, s)); !errors.Is(err, ErrKeysUnavailable) {
				t.Fatalf("err = %v, want ErrKeysUnavailable", err)
			}
			time.Sleep(20 * time.Millisecond)
		}
		if n := p.fetches.Load(); n > 3 {
			t.Errorf("%d fetches in 2 s, want 3 at most", n)
		}
	})
}

// If the first waiting caller is canceled, the others still get the keys.
func TestKeySet_FirstCallerCanceled(t *testing.T) {
	s, rotated := newSigner(t, "k1", jwt.SigningMethodES384), newSigner(t, "k2", jwt.SigningMethodES384)
	verify := map[string]func(*Verifier, context.Context, string) error{
		"Verify": func(v *Verifier, ctx context.Context, compact string) error {
			_, err := v.Verify(ctx, compact)
			return err
		},
		"VerifySignature": func(v *Verifier, ctx context.Context, compact string) error {
			_, err := v.keys.VerifySignature(ctx, compact)
			return err
		},
	}
	for name, verify := range verify {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &provider{status: 200, body: jwks(t, s)}
				v, _ := p.start(t)
				p.serve(200, jwks(t, s, rotated))
				p.delayBy(500 * time.Millisecond)
				compact := fresh(t, rotated)

				first, cancel := context.WithCancel(t.Context())
				var wg sync.WaitGroup
				wg.Go(func() { _ = verify(v, first, compact) })
				synctest.Wait()
				wg.Go(func() {
					if err := verify(v, t.Context(), compact); err != nil {
						t.Error(err)
					}
				})
				synctest.Wait()
				cancel()
				wg.Wait()
			})
		})
	}
}

// Without the provider we can't tell whether a key exists, so the token is not rejected.
func TestKeySet_UnknownKeyInOutage(t *testing.T) {
	s, rotated := newSigner(t, "k1", jwt.SigningMethodES384), newSigner(t, "k2", jwt.SigningMethodES384)
	synctest.Test(t, func(t *testing.T) {
		p := &provider{status: 200, body: jwks(t, s)}
		v, _ := p.start(t)
		p.serve(503, nil)
		if _, err := v.Verify(t.Context(), fresh(t, rotated)); !errors.Is(err, ErrKeysUnavailable) {
			t.Errorf("unknown key: err = %v, want ErrKeysUnavailable", err)
		}
		if _, err := v.Verify(t.Context(), fresh(t, s)); err != nil {
			t.Errorf("known key: %v", err)
		}
	})
}

func TestKeySet_InvalidResponse(t *testing.T) {
	s, rotated := newSigner(t, "k1", jwt.SigningMethodES384), newSigner(t, "k2", jwt.SigningMethodES384)
	tests := []struct {
		name   string
		status int
		body   []byte
	}{
		{"empty set", 200, []byte(`{"keys":[]}`)},
		{"no keys", 200, []byte(`{}`)},
		{"HTML", 200, []byte("<html>Sign in to the network</html>")},
		{"redirect to other keys", 302, jwks(t, rotated)},
		{"server error", 500, jwks(t, rotated)},
		{"oversized", 200, append(jwks(t, rotated), bytes.Repeat([]byte(" "), maxDocument)...)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &provider{status: 200, body: jwks(t, s)}
				v, notified := p.start(t)
				p.serve(tt.status, tt.body)
				time.Sleep(refreshInterval)
				if got := notified(); len(got) != 1 || got[0] {
					t.Fatalf("notified = %v, want one failure", got)
				}
				if _, err := v.Verify(t.Context(), fresh(t, s)); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestKeySet_SlowProvider(t *testing.T) {
	s := newSigner(t, "k1", jwt.SigningMethodES384)
	synctest.Test(t, func(t *testing.T) {
		p := &provider{status: 200, body: jwks(t, s), delay: time.Minute}
		v, _ := p.start(t)
		began := time.Now()
		if _, err := v.Verify(t.Context(), fresh(t, s)); !errors.Is(err, ErrKeysUnavailable) {
			t.Errorf("err = %v, want ErrKeysUnavailable", err)
		}
		if waited := time.Since(began); waited > maxWait {
			t.Errorf("waited %v, want %v at most", waited, maxWait)
		}
	})
}

func TestParseKeys_SkipsUnusableKeys(t *testing.T) {
	s := newSigner(t, "k1", jwt.SigningMethodES384)
	good := strings.TrimSuffix(strings.TrimPrefix(string(jwks(t, s)), `{"keys":[`), `]}`)
	bad := map[string]string{
		"unknown type":               `{"kty":"XYZ","kid":"bad"}`,
		"symmetric":                  `{"kty":"oct","k":"c2VjcmV0","kid":"bad"}`,
		"for encryption":             strings.Replace(good, `"use":"sig"`, `"use":"enc"`, 1),
		"not on its curve":           `{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA","kid":"bad"}`,
		"curve and algorithm differ": strings.Replace(good, `"alg":"ES384"`, `"alg":"ES256"`, 1),
		"for a symmetric algorithm":  strings.Replace(good, `"alg":"ES384"`, `"alg":"HS256"`, 1),
		"for encrypting only":        strings.Replace(good, `"use":"sig"`, `"key_ops":["encrypt"]`, 1),
		"small RSA":                  `{"kty":"RSA","n":"sXchTtWu-A","e":"AQAB","kid":"bad"}`,
		"not an object":              `"key"`,
		"key id is a number":         `{"kty":"EC","kid":7}`,
	}
	for name, key := range bad {
		t.Run(name, func(t *testing.T) {
			if _, err := parseKeys([]byte(`{"keys":[` + key + `]}`)); err == nil {
				t.Error("accepted as the only key")
			}
			keys, err := parseKeys([]byte(`{"keys":[` + key + `,` + good + `]}`))
			if err != nil || len(keys) != 1 || keys[0].Marshal().KID != "k1" {
				t.Errorf("next to a good key: %d keys, err = %v", len(keys), err)
			}
		})
	}
}

func TestParseKeys_RealLogto(t *testing.T) {
	keys, err := parseKeys(readFile(t, "jwks-two-keys-after-rotation.json"))
	if err != nil || len(keys) != 2 {
		t.Fatalf("%d keys, err = %v, want 2", len(keys), err)
	}
}

func TestNewRemoteKeySet(t *testing.T) {
	s := newSigner(t, "k1", jwt.SigningMethodES384)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if _, err := w.Write(jwks(t, s)); err != nil {
			t.Error(err)
		}
	}))
	defer server.Close()
	keys, err := NewRemoteKeySet(server.URL, func(err error) { t.Errorf("notified: %v", err) })
	if err != nil {
		t.Fatal(err)
	}
	defer keys.Close()
	v, err := NewVerifier(config(), keys)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(t.Context(), fresh(t, s)); err != nil {
		t.Error(err)
	}
	if _, err := NewRemoteKeySet("localhost:3001/oidc/jwks", nil); err == nil {
		t.Error("a URL without a scheme is accepted")
	}
}
