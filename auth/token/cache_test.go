package token

import (
	"context"
	"crypto/rand"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"
)

// countingKeys is a key storage that counts the reads and can block them.
type countingKeys struct {
	jwkset.Storage
	reads atomic.Int32
	hold  chan struct{} // blocks reads until it is closed, unless nil
}

func (k *countingKeys) KeyRead(ctx context.Context, id string) (jwkset.JWK, error) {
	k.reads.Add(1)
	if k.hold != nil {
		<-k.hold
	}
	return k.Storage.KeyRead(ctx, id)
}

// counted returns a verifier that counts key reads: one for each signature check.
func counted(t *testing.T, s signer, at func() time.Time) (*Verifier, *countingKeys) {
	t.Helper()
	static, err := NewStaticKeySet(jwks(t, s))
	if err != nil {
		t.Fatal(err)
	}
	counted := &countingKeys{Storage: static.current.lookup.Storage()}
	known, err := newPublicKeys(counted)
	if err != nil {
		t.Fatal(err)
	}
	v, err := newVerifier(config(), &KeySet{current: known}, at)
	if err != nil {
		t.Fatal(err)
	}
	return v, counted
}

func TestVerify_CachesVerifiedTokens(t *testing.T) {
	s := newSigner(t, "k1", jwt.SigningMethodES384)
	at := now
	v, keys := counted(t, s, func() time.Time { return at })
	compact := s.sign(t, goodHeader("k1"), goodClaims())
	verify := func(wantReads int32) {
		t.Helper()
		claims, err := v.Verify(t.Context(), compact)
		if err != nil {
			t.Fatal(err)
		}
		if claims.Subject != "lu3heutt50ua" {
			t.Errorf("subject = %q", claims.Subject)
		}
		if n := keys.reads.Load(); n != wantReads {
			t.Errorf("%d signature checks, want %d", n, wantReads)
		}
	}
	verify(1)
	verify(1)
	at = now.Add(time.Hour - time.Second)
	verify(1)
	// After expiry it is not cached, but the leeway still allows it.
	at = now.Add(time.Hour)
	verify(2)
	verify(3)
	at = now.Add(time.Hour + leeway)
	_, err := v.Verify(t.Context(), compact)
	wantReason(t, err, "expired")
}

func TestVerify_CachesByWholeToken(t *testing.T) {
	s := newSigner(t, "k1", jwt.SigningMethodES384)
	v, _ := counted(t, s, func() time.Time { return now })
	compact := []byte(s.sign(t, goodHeader("k1"), goodClaims()))
	if _, err := v.Verify(t.Context(), string(compact)); err != nil {
		t.Fatal(err)
	}
	for i := range compact {
		changed := append([]byte(nil), compact...)
		changed[i] ^= 1
		if _, err := v.Verify(t.Context(), string(changed)); err == nil {
			t.Errorf("accepted with byte %d changed", i)
		}
	}
}

func TestVerify_CachesRejections(t *testing.T) {
	s, other := newSigner(t, "k1", jwt.SigningMethodES384), newSigner(t, "k2", jwt.SigningMethodES384)
	at := now
	v, keys := counted(t, s, func() time.Time { return at })
	reject := func(compact, reason string, wantReads int32) {
		t.Helper()
		before := keys.reads.Load()
		_, err := v.Verify(t.Context(), compact)
		wantReason(t, err, reason)
		if n := keys.reads.Load() - before; n != wantReads {
			t.Errorf("%s: %d key look-ups, want %d", reason, n, wantReads)
		}
	}
	forged := other.sign(t, goodHeader("k1"), goodClaims())
	reject(forged, "signature", 1)
	reject(forged, "signature", 0)

	// The same token is valid with a different key of that id.
	if err := v.keys.current.replace(t.Context(), parsed(t, signer{"k1", other.method, other.key})); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(t.Context(), forged); err != nil {
		t.Error(err)
	}

	unknown := s.sign(t, goodHeader("k3"), goodClaims())
	reject(unknown, "unknown_key", 1)
	reject(unknown, "unknown_key", 1)

	at = now.Add(-time.Hour)
	early := other.sign(t, goodHeader("k1"), goodClaims())
	reject(early, "not_yet_valid", 0)
	at = now
	if _, err := v.Verify(t.Context(), early); err != nil {
		t.Error(err)
	}

	// The clock was a day ahead.
	at = now.Add(24 * time.Hour)
	late := other.sign(t, goodHeader("k1"), with(goodClaims(), "jti", "late"))
	reject(late, "expired", 0)
	at = now
	if _, err := v.Verify(t.Context(), late); err != nil {
		t.Error(err)
	}
}

func parsed(t *testing.T, signers ...signer) []jwkset.JWK {
	t.Helper()
	keys, err := parseKeys(jwks(t, signers...))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestVerify_RejectedTokensDontEvict(t *testing.T) {
	s := newSigner(t, "k1", jwt.SigningMethodES384)
	v, keys := counted(t, s, func() time.Time { return now })
	good := s.sign(t, goodHeader("k1"), goodClaims())
	if _, err := v.Verify(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	for i := range 3 * maxRejected {
		if _, err := v.Verify(t.Context(), "a.b."+strconv.Itoa(i)); err == nil {
			t.Fatal("accepted")
		}
	}
	v.cache.rejected.CleanUp()
	if n := v.cache.rejected.EstimatedSize(); n > maxRejected || n < maxRejected/2 {
		t.Errorf("%d rejected tokens are cached", n)
	}
	if _, err := v.Verify(t.Context(), good); err != nil || keys.reads.Load() != 1 {
		t.Errorf("err = %v after %d signature checks", err, keys.reads.Load())
	}
}

// Concurrent calls with the same token cause one signature check.
func TestVerify_ConcurrentCalls(t *testing.T) {
	s := newSigner(t, "k1", jwt.SigningMethodES384)
	compact := s.sign(t, goodHeader("k1"), goodClaims())
	synctest.Test(t, func(t *testing.T) {
		v, keys := counted(t, s, func() time.Time { return now })
		keys.hold = make(chan struct{})
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if _, err := v.Verify(t.Context(), compact); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait() // all have arrived
		close(keys.hold)
		wg.Wait()
		if n := keys.reads.Load(); n != 1 {
			t.Errorf("%d signature checks, want 1", n)
		}
	})
}

// A cached token is invalid after its key was removed, but not after a key was added.
func TestVerify_RemovedKey(t *testing.T) {
	first, second := newSigner(t, "k1", jwt.SigningMethodES384), newSigner(t, "k2", jwt.SigningMethodES384)
	impostor := newSigner(t, "k1", jwt.SigningMethodES384)
	for name, next := range map[string][]byte{
		"removed":                            jwks(t, second),
		"replaced by a key with the same id": jwks(t, impostor, second),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &provider{status: 200, body: jwks(t, first)}
				v, _ := p.start(t)
				compact := fresh(t, first)
				for _, document := range [][]byte{jwks(t, first, second), jwks(t, second, first)} {
					if _, err := v.Verify(t.Context(), compact); err != nil {
						t.Fatal(err)
					}
					p.serve(200, document)
					time.Sleep(refreshInterval + time.Second)
				}
				if v.keys.current.removals.Load() != 0 {
					t.Error("a removal was counted, but no key was removed")
				}
				p.serve(200, next)
				time.Sleep(refreshInterval + time.Second)
				if _, err := v.Verify(t.Context(), compact); err == nil {
					t.Error("still accepted")
				}
			})
		})
	}
}

func TestVerify_RotationWithConcurrentCalls(t *testing.T) {
	before, after := newSigner(t, "k1", jwt.SigningMethodES256), newSigner(t, "k2", jwt.SigningMethodES256)
	synctest.Test(t, func(t *testing.T) {
		p := &provider{status: 200, body: jwks(t, before)}
		v, _ := p.start(t)
		p.serve(200, jwks(t, after, before))
		var wg sync.WaitGroup
		for range 20 {
			for _, s := range []signer{before, after} {
				compact := fresh(t, s)
				wg.Go(func() {
					if _, err := v.Verify(t.Context(), compact); err != nil {
						t.Errorf("%s: %v", s.kid, err)
					}
				})
			}
		}
		wg.Wait()
		if n := p.fetches.Load(); n != 2 {
			t.Errorf("fetches = %d, want 2", n)
		}
	})
}

func TestTokenCache_Limit(t *testing.T) {
	const limit = 1 << 20
	m := newTokenCache(limit)
	claims := &Claims{RegisteredClaims: jwt.RegisteredClaims{ExpiresAt: jwt.NewNumericDate(now.Add(time.Hour))}}
	for range 10_000 {
		var id tokenID
		_, _ = rand.Read(id[:]) // never fails
		m.addVerified(id, verifiedToken{claims: claims, length: 700})
	}
	m.verified.CleanUp()
	size := 0
	for _, token := range m.verified.All() {
		size += int(token.size())
	}
	if size > limit || size < limit/2 {
		t.Errorf("size = %d bytes, limit %d", size, limit)
	}
}

func TestVerifiedToken_Size(t *testing.T) {
	few := verifiedToken{claims: &Claims{}, length: 1000}
	lists := make([]string, 10)
	many := verifiedToken{claims: &Claims{RegisteredClaims: jwt.RegisteredClaims{Audience: lists}, Scopes: lists, Roles: lists}, length: 1000}
	if got, want := many.size()-few.size(), uint32(30*listOverhead); got != want {
		t.Errorf("size of 30 items = %d bytes, want %d", got, want)
	}
}

func TestVerify_WithoutCache(t *testing.T) {
	s := newSigner(t, "k1", jwt.SigningMethodES384)
	v, keys := counted(t, s, func() time.Time { return now })
	v.cache = newTokenCache(0)
	good := s.sign(t, goodHeader("k1"), goodClaims())
	for range 2 {
		if _, err := v.Verify(t.Context(), good); err != nil {
			t.Error(err)
		}
		_, err := v.Verify(t.Context(), good+"AAAA")
		wantReason(t, err, "signature")
	}
	if n := keys.reads.Load(); n != 4 {
		t.Errorf("%d signature checks, want 4", n)
	}
}
