package token

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"
)

// countedKeys is a key storage that counts the look-ups, which can be held up.
type countedKeys struct {
	jwkset.Storage
	reads atomic.Int32
	hold  chan struct{} // nil: not held up
}

func (k *countedKeys) KeyRead(ctx context.Context, id string) (jwkset.JWK, error) {
	k.reads.Add(1)
	if k.hold != nil {
		<-k.hold
	}
	return k.Storage.KeyRead(ctx, id)
}

// counted returns a verifier at a time that counts key look-ups: one for each
// signature that is checked.
func counted(t *testing.T, s signer, at func() time.Time) (*Verifier, *countedKeys) {
	t.Helper()
	static, err := NewStaticKeySet(jwks(t, s))
	if err != nil {
		t.Fatal(err)
	}
	counted := &countedKeys{Storage: static.keys.Storage()}
	keys, err := newKeySet(counted)
	if err != nil {
		t.Fatal(err)
	}
	v, err := newVerifier(config(), keys, at)
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

func TestVerify_DoesNotRememberRefusals(t *testing.T) {
	s := newSigner(t, "k1", jwt.SigningMethodES384)
	at := now.Add(-time.Hour)
	v, keys := counted(t, s, func() time.Time { return at })
	compact := s.sign(t, goodHeader("k1"), goodClaims())
	_, err := v.Verify(t.Context(), compact)
	wantReason(t, err, "not_yet_valid")
	at = now
	if _, err := v.Verify(t.Context(), compact); err != nil {
		t.Error(err)
	}
	if n := keys.reads.Load(); n != 1 {
		t.Errorf("%d signature checks, want 1", n)
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
				if v.keys.withdrawals.Load() != 0 {
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
		time.Sleep(cooldown)
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

func TestCache_IsBounded(t *testing.T) {
	const limit = 1 << 20
	c := newCache(limit)
	claims := &Claims{RegisteredClaims: jwt.RegisteredClaims{ExpiresAt: jwt.NewNumericDate(now.Add(time.Hour))}}
	var last [sha256.Size]byte
	for range 10_000 {
		if _, err := rand.Read(last[:]); err != nil {
			t.Fatal(err)
		}
		c.put(last, claims, 700, 0)
	}
	size := 0
	for _, generation := range []*generation{c.recent.Load(), c.older.Load()} {
		for _, e := range generation.entries.All() {
			size += e.size
		}
	}
	if size > limit || size < limit/4 {
		t.Errorf("holds %d bytes of %d", size, limit)
	}
	if c.get(last, now, 0) == nil {
		t.Error("the last one is not there")
	}
}

// TestCache_Lists: many short scopes need more memory than the token's length
// tells. A token with very many is not remembered.
func TestCache_Lists(t *testing.T) {
	c := newCache(1 << 20)
	date := jwt.NewNumericDate(now.Add(time.Hour))
	for i, tt := range []struct {
		items int
		want  int64 // how much is added
	}{
		{0, entryOverhead + 1000},
		{30, entryOverhead + 1000 + 30*listOverhead},
		{1000, 0},
	} {
		lists := make([]string, tt.items/3)
		claims := &Claims{RegisteredClaims: jwt.RegisteredClaims{ExpiresAt: date, Audience: lists}, Scopes: lists, Roles: lists}
		before := c.recent.Load().size.Load()
		c.put([sha256.Size]byte{byte(i)}, claims, 1000, 0)
		if got := c.recent.Load().size.Load() - before; got != tt.want {
			t.Errorf("%d items: %d bytes, want %d", tt.items, got, tt.want)
		}
	}
}

// TestCache_KeepsWhatIsUsed: what is asked for survives any number of others.
func TestCache_KeepsWhatIsUsed(t *testing.T) {
	c := newCache(1 << 20)
	claims := &Claims{RegisteredClaims: jwt.RegisteredClaims{ExpiresAt: jwt.NewNumericDate(now.Add(time.Hour))}}
	used := [sha256.Size]byte{1}
	c.put(used, claims, 700, 0)
	for range 10_000 {
		var other [sha256.Size]byte
		if _, err := rand.Read(other[:]); err != nil {
			t.Fatal(err)
		}
		c.put(other, claims, 700, 0)
		if c.get(used, now, 0) == nil {
			t.Fatal("gone")
		}
	}
}

func TestCache_OffHoldsNothing(t *testing.T) {
	c := newCache(0)
	claims := &Claims{RegisteredClaims: jwt.RegisteredClaims{ExpiresAt: jwt.NewNumericDate(now.Add(time.Hour))}}
	c.put([sha256.Size]byte{}, claims, 700, 0)
	if c.get([sha256.Size]byte{}, now, 0) != nil {
		t.Error("remembers with a size of 0")
	}
}
