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

// countingKeys is a key storage that counts the look-ups, which can be held up.
type countingKeys struct {
	jwkset.Storage
	reads atomic.Int32
	hold  chan struct{} // nil: not held up
}

func (k *countingKeys) KeyRead(ctx context.Context, id string) (jwkset.JWK, error) {
	k.reads.Add(1)
	if k.hold != nil {
		<-k.hold
	}
	return k.Storage.KeyRead(ctx, id)
}

// counted returns a verifier at a time that counts key look-ups: one for each
// signature that is checked.
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

func TestVerify_Remembers(t *testing.T) {
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
	// From its expiry on it is looked at anew each time, which the leeway still allows.
	at = now.Add(time.Hour)
	verify(2)
	verify(3)
	at = now.Add(time.Hour + leeway)
	_, err := v.Verify(t.Context(), compact)
	wantReason(t, err, "expired")
}

// TestVerify_RemembersTheWholeToken: a token that differs in any byte is another.
func TestVerify_RemembersTheWholeToken(t *testing.T) {
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
			t.Errorf("passes with byte %d changed", i)
		}
	}
}

// TestVerify_RemembersRejections: a signature is found bad once, as long as the
// keys are the same. What time or the next fetch can change is not remembered.
func TestVerify_RemembersRejections(t *testing.T) {
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

	// The same token is good under another key of that name.
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

	// The clock was wrong.
	at = now.Add(24 * time.Hour)
	late := other.sign(t, goodHeader("k1"), with(goodClaims(), "jti", "late"))
	reject(late, "expired", 0)
	at = now
	if _, err := v.Verify(t.Context(), late); err != nil {
		t.Error(err)
	}
}

// parsed returns the keys of the signers as they come from a fetch.
func parsed(t *testing.T, signers ...signer) []jwkset.JWK {
	t.Helper()
	keys, err := parseKeys(jwks(t, signers...))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// TestVerify_FloodEvictsNoGoodToken: rejected tokens take no room from verified ones.
func TestVerify_FloodEvictsNoGoodToken(t *testing.T) {
	s := newSigner(t, "k1", jwt.SigningMethodES384)
	v, keys := counted(t, s, func() time.Time { return now })
	good := s.sign(t, goodHeader("k1"), goodClaims())
	if _, err := v.Verify(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	for i := range 3 * maxRejected {
		if _, err := v.Verify(t.Context(), "a.b."+strconv.Itoa(i)); err == nil {
			t.Fatal("passes")
		}
	}
	v.cache.rejected.CleanUp()
	if n := v.cache.rejected.EstimatedSize(); n > maxRejected || n < maxRejected/2 {
		t.Errorf("%d rejected tokens are remembered", n)
	}
	if _, err := v.Verify(t.Context(), good); err != nil || keys.reads.Load() != 1 {
		t.Errorf("err = %v after %d signature checks", err, keys.reads.Load())
	}
}

// TestVerify_Burst: of a hundred who send the same token at once, one signature
// is checked.
func TestVerify_Burst(t *testing.T) {
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

// TestVerify_ForgetsWithdrawnKeys: a remembered token goes with its key, and
// stays when a key is added.
func TestVerify_ForgetsWithdrawnKeys(t *testing.T) {
	first, second := newSigner(t, "k1", jwt.SigningMethodES384), newSigner(t, "k2", jwt.SigningMethodES384)
	impostor := newSigner(t, "k1", jwt.SigningMethodES384)
	for name, next := range map[string][]byte{
		"gone":                    jwks(t, second),
		"replaced under its name": jwks(t, impostor, second),
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
					t.Error("the token is forgotten though its key is still there")
				}
				p.serve(200, next)
				time.Sleep(refreshInterval + time.Second)
				if _, err := v.Verify(t.Context(), compact); err == nil {
					t.Error("still passes")
				}
			})
		})
	}
}

// TestVerify_RotationUnderLoad: nobody with a good token is refused while the
// keys change.
func TestVerify_RotationUnderLoad(t *testing.T) {
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

func TestMemory_IsBounded(t *testing.T) {
	const limit = 1 << 20
	m := newTokenCache(limit)
	claims := &Claims{RegisteredClaims: jwt.RegisteredClaims{ExpiresAt: jwt.NewNumericDate(now.Add(time.Hour))}}
	for range 10_000 {
		var id tokenID
		_, _ = rand.Read(id[:]) // it never fails
		m.addVerified(id, verifiedToken{claims: claims, length: 700})
	}
	m.verified.CleanUp()
	size := 0
	for _, token := range m.verified.All() {
		size += int(token.size())
	}
	if size > limit || size < limit/2 {
		t.Errorf("holds %d bytes of %d", size, limit)
	}
}

// TestMemory_Lists: many short scopes need more memory than the token's length tells.
func TestMemory_Lists(t *testing.T) {
	few := verifiedToken{claims: &Claims{}, length: 1000}
	lists := make([]string, 10)
	many := verifiedToken{claims: &Claims{RegisteredClaims: jwt.RegisteredClaims{Audience: lists}, Scopes: lists, Roles: lists}, length: 1000}
	if got, want := many.size()-few.size(), uint32(30*listOverhead); got != want {
		t.Errorf("30 items are said to take %d bytes, want %d", got, want)
	}
}

func TestVerify_RemembersNothing(t *testing.T) {
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
