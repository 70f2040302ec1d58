package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"encore.dev/beta/errs"
	"github.com/golang-jwt/jwt/v5"

	"encore.app/auth/token"
	"encore.app/users"
)

// fakeUsers is a fake of the users service and its change log.
type fakeUsers struct {
	mu      sync.Mutex
	lookups []users.EnsureParams
	user    users.EnsureResponse
	delay   time.Duration // of Ensure
	err     error         // of both endpoints
	logErr  error         // of the change log
	reads   int
	log     []string // the people in the change log
	lost    bool     // the reader's position is unknown
}

func (f *fakeUsers) ensure(ctx context.Context, p *users.EnsureParams) (*users.EnsureResponse, error) {
	f.mu.Lock()
	f.lookups = append(f.lookups, *p)
	user, err, delay := f.user, f.err, f.delay
	f.mu.Unlock()
	select {
	case <-time.After(delay):
		return &user, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (f *fakeUsers) changes(ctx context.Context, p *users.ChangesParams) (*users.ChangesResponse, error) {
	f.mu.Lock()
	f.reads++
	next, err := f.read(p.After), cmp.Or(f.err, f.logErr)
	f.mu.Unlock()
	if err != nil || next.Missed || len(next.LogtoIDs) > 0 {
		return next, err
	}
	select {
	case <-time.After(time.Duration(p.WaitMilliseconds) * time.Millisecond):
		return next, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// read returns the changes after a position, which is the number of changes plus one.
func (f *fakeUsers) read(after int64) *users.ChangesResponse {
	resp := &users.ChangesResponse{Position: int64(len(f.log) + 1), Missed: after == 0 || f.lost}
	if !resp.Missed {
		resp.LogtoIDs = f.log[after-1:]
	}
	f.lost = false
	return resp
}

func (f *fakeUsers) setUser(user users.EnsureResponse) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.user = user
	f.log = append(f.log, "alice")
}

func (f *fakeUsers) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *fakeUsers) lookupCount() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.lookups)
}

func (f *fakeUsers) pollCount() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.reads
}

// testPeople runs a test in a synctest bubble, with people that follow a change log.
func testPeople(t *testing.T, test func(t *testing.T, p *people, f *fakeUsers)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p, f := newPeople(), &fakeUsers{user: users.EnsureResponse{ID: 7}}
		p.ensureUser, p.changes.read = f.ensure, f.changes
		ctx, stop := context.WithCancel(t.Context())
		go p.changes.run(ctx)
		defer stop()
		synctest.Wait()
		test(t, p, f)
	})
}

func claimsOf(secondsOld int, name string) *token.Claims {
	issuedAt := jwt.NewNumericDate(start.Add(-time.Duration(secondsOld) * time.Second))
	return &token.Claims{RegisteredClaims: jwt.RegisteredClaims{Subject: "alice", IssuedAt: issuedAt}, Name: name}
}

var start = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

var alice = claimsOf(0, "")

func wantAlice(t *testing.T, p *people) {
	t.Helper()
	if id, err := p.ensure(t.Context(), alice); err != nil || id != 7 {
		t.Fatalf("id = %d, err = %v", id, err)
	}
}

// settle puts alice into the cache and waits until the change log has been polled.
func settle(t *testing.T, p *people) {
	t.Helper()
	for range 3 {
		wantAlice(t, p)
		time.Sleep(pollWait)
	}
}

// pass lets time pass while other people make calls.
func pass(p *people, d time.Duration) {
	for range d / time.Second {
		p.changes.noteCall()
		time.Sleep(time.Second)
	}
}

// A change takes effect within a second.
func TestPeople_LockOut(t *testing.T) {
	for name, tt := range map[string]struct {
		locked users.EnsureResponse
		want   error
	}{
		"suspended": {users.EnsureResponse{ID: 7, Suspended: true}, errSuspended},
		"deleted":   {users.EnsureResponse{Deleted: true}, errDeleted},
	} {
		t.Run(name, func(t *testing.T) {
			testPeople(t, func(t *testing.T, p *people, f *fakeUsers) {
				settle(t, p)
				free := f.user
				for range 20 {
					for user, want := range map[users.EnsureResponse]error{tt.locked: tt.want, free: nil} {
						f.setUser(user)
						for since := time.Now(); time.Since(since) < 2*time.Second; time.Sleep(7 * time.Millisecond) {
							_, err := p.ensure(t.Context(), alice)
							if time.Since(since) >= time.Second && !errors.Is(err, want) {
								t.Fatalf("%v after the change: err = %v, want %v", time.Since(since), err, want)
							}
						}
					}
				}
				if lookups := f.lookupCount(); lookups > 45 {
					t.Errorf("%d lookups for 40 changes", lookups)
				}
			})
		})
	}
}

// Without the database, a cached person gets in for one more second.
func TestPeople_DatabaseDown(t *testing.T) {
	testPeople(t, func(t *testing.T, p *people, f *fakeUsers) {
		settle(t, p)
		lookups := f.lookupCount()
		f.set(func() { f.err = &errs.Error{Code: errs.Unavailable} })
		for since := time.Now(); time.Since(since) < 3*time.Second; time.Sleep(7 * time.Millisecond) {
			id, err := p.ensure(t.Context(), alice)
			switch late := time.Since(since) >= time.Second; {
			case err == nil && late:
				t.Fatalf("let in %v after the database went down", time.Since(since))
			case err != nil && (errs.Code(err) != errs.Unavailable || id != 0):
				t.Fatalf("id = %d, err = %v", id, err)
			}
		}
		if f.lookupCount() == lookups {
			t.Error("no lookup")
		}
		f.set(func() { f.err = nil })
		wantAlice(t, p)
	})
}

func TestPeople_UsersServiceDown(t *testing.T) {
	testPeople(t, func(t *testing.T, p *people, f *fakeUsers) {
		f.set(func() { f.err = errors.New(`Post "http://10.0.0.7:4000/users.Ensure": connection refused`) })
		_, err := p.ensure(t.Context(), alice)
		if errs.Code(err) != errs.Unavailable || strings.Contains(err.Error(), "10.0.0.7") {
			t.Errorf("err = %v", err)
		}
	})
}

// A slow answer counts for all calls that began less than maxStaleness after the lookup.
func TestPeople_SlowAnswer(t *testing.T) {
	testPeople(t, func(t *testing.T, p *people, f *fakeUsers) {
		f.set(func() { f.delay, f.logErr = 3*time.Second, errors.New("down") })
		var calls sync.WaitGroup
		for _, later := range []time.Duration{0, maxStaleness - 1, maxStaleness} {
			calls.Go(func() {
				time.Sleep(later)
				wantAlice(t, p)
			})
		}
		calls.Wait()
		if lookups := f.lookupCount(); lookups != 2 {
			t.Errorf("%d lookups, want 2", lookups)
		}
	})
}

// An answer from before a change is not cached. Changes of other people don't matter.
func TestPeople_ChangeDuringLookup(t *testing.T) {
	for changed, wantLookups := range map[string]int{"alice": 1, "bob": 0} {
		for name, wait := range map[string]time.Duration{"lookup": idleTTL, "refresh": refreshInterval} {
			t.Run(fmt.Sprintf("%s, %s", changed, name), func(t *testing.T) {
				testPeople(t, func(t *testing.T, p *people, f *fakeUsers) {
					settle(t, p)
					pass(p, wait)
					f.set(func() { f.delay = 3 * pollWait })
					go p.ensure(t.Context(), alice)
					time.Sleep(pollWait)
					f.set(func() { f.log = append(f.log, changed) })
					time.Sleep(5 * pollWait)
					lookups := f.lookupCount()
					f.set(func() { f.delay = 0 })
					wantAlice(t, p)
					if got := f.lookupCount() - lookups; got != wantLookups {
						t.Errorf("%d lookups, want %d", got, wantLookups)
					}
				})
			})
		}
	}
}

// A refresh from before a change does not replace an answer from after it.
func TestPeople_ChangeDuringRefresh(t *testing.T) {
	testPeople(t, func(t *testing.T, p *people, f *fakeUsers) {
		settle(t, p)
		pass(p, refreshInterval)
		f.set(func() { f.delay = 3 * pollWait })
		wantAlice(t, p) // starts a slow refresh
		synctest.Wait()
		f.set(func() { f.delay = 0 })
		f.setUser(users.EnsureResponse{ID: 7, Suspended: true})
		for range 6 {
			time.Sleep(pollWait)
			_, _ = p.ensure(t.Context(), alice)
		}
		if _, err := p.ensure(t.Context(), alice); !errors.Is(err, errSuspended) {
			t.Errorf("err = %v, want %v", err, errSuspended)
		}
	})
}

// The cache is not valid until all changes have been read.
func TestChangeLog_MoreChanges(t *testing.T) {
	var invalidated []string
	c := newChangeLog(func(subject string) { invalidated = append(invalidated, subject) }, nil)
	for _, more := range []bool{true, false} {
		c.read = func(context.Context, *users.ChangesParams) (*users.ChangesResponse, error) {
			return &users.ChangesResponse{LogtoIDs: []string{"alice"}, Position: 8, More: more}, nil
		}
		if next, err := c.poll(t.Context(), 7); err != nil || next != 8 {
			t.Errorf("next = %d, err = %v", next, err)
		}
		if known := c.syncedAt.Load() != never; known == more {
			t.Errorf("more = %t, cache valid = %t", more, known)
		}
	}
	if len(invalidated) != 2 {
		t.Errorf("invalidated: %v", invalidated)
	}
}

func TestPeople_MissedChanges(t *testing.T) {
	testPeople(t, func(t *testing.T, p *people, f *fakeUsers) {
		settle(t, p)
		f.set(func() { f.lost, f.user.Suspended = true, true })
		time.Sleep(2 * pollWait)
		if _, err := p.ensure(t.Context(), alice); !errors.Is(err, errSuspended) {
			t.Errorf("err = %v, want %v", err, errSuspended)
		}
	})
}

// Concurrent calls share one lookup. It goes on if the first call is canceled.
func TestPeople_ConcurrentCalls(t *testing.T) {
	testPeople(t, func(t *testing.T, p *people, f *fakeUsers) {
		f.set(func() { f.delay = 100 * time.Millisecond })
		first, cancel := context.WithCancel(t.Context())
		go func() {
			if _, err := p.ensure(first, alice); errs.Code(err) != errs.Canceled {
				t.Errorf("first call: err = %v, want canceled", err)
			}
		}()
		synctest.Wait()
		var calls sync.WaitGroup
		for range 200 {
			calls.Go(func() { wantAlice(t, p) })
		}
		synctest.Wait()
		cancel()
		calls.Wait()
		if lookups := f.lookupCount(); lookups != 1 {
			t.Errorf("%d lookups, want 1", lookups)
		}
	})
}

// An active person is refreshed once a minute, and no call waits for it.
func TestPeople_Refresh(t *testing.T) {
	testPeople(t, func(t *testing.T, p *people, f *fakeUsers) {
		settle(t, p)
		f.set(func() { f.delay = 3 * time.Second })
		begin, lookups := time.Now(), f.lookupCount()
		for range 4 * 60 {
			before := time.Now()
			var calls sync.WaitGroup
			for range 33 {
				calls.Go(func() {
					call, end := context.WithCancel(t.Context())
					defer end()
					if id, err := p.ensure(call, alice); err != nil || id != 7 {
						t.Errorf("id = %d, err = %v", id, err)
					}
				})
			}
			calls.Wait()
			if time.Since(before) > 0 {
				t.Fatalf("a call waited %v after the start", time.Since(begin))
			}
			time.Sleep(time.Second)
		}
		if got := f.lookupCount() - lookups; got < 3 || got > 4 {
			t.Errorf("%d lookups in 4 minutes", got)
		}
	})
}

func TestPeople_RefreshFails(t *testing.T) {
	testPeople(t, func(t *testing.T, p *people, f *fakeUsers) {
		settle(t, p)
		pass(p, refreshInterval)
		ensureUser := p.ensureUser
		p.ensureUser = func(context.Context, *users.EnsureParams) (*users.EnsureResponse, error) {
			return nil, &errs.Error{Code: errs.Unavailable}
		}
		wantAlice(t, p)
		synctest.Wait()
		p.ensureUser = ensureUser
		lookups := f.lookupCount()
		for range 3 {
			wantAlice(t, p)
			synctest.Wait()
		}
		if got := f.lookupCount() - lookups; got != 1 {
			t.Errorf("%d lookups, want 1", got)
		}
	})
}

// Without calls there is no polling. The first call afterwards does a lookup.
func TestPeople_Idle(t *testing.T) {
	testPeople(t, func(t *testing.T, p *people, f *fakeUsers) {
		settle(t, p)
		other := claimsOf(0, "")
		other.Subject = "bob"
		if _, err := p.ensure(t.Context(), other); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * pollIdle)
		polls, lookups := f.pollCount(), f.lookupCount()
		time.Sleep(5 * time.Minute)
		if f.pollCount() != polls {
			t.Errorf("%d polls, want none", f.pollCount()-polls)
		}
		f.setUser(users.EnsureResponse{ID: 7, Suspended: true})
		if _, err := p.ensure(t.Context(), alice); !errors.Is(err, errSuspended) {
			t.Errorf("err = %v, want %v", err, errSuspended)
		}
		synctest.Wait()
		// The cache is valid again by now.
		if _, err := p.ensure(t.Context(), other); err != nil {
			t.Error(err)
		}
		if got := f.lookupCount() - lookups; got != 1 {
			t.Errorf("%d lookups, want 1: for the first call", got)
		}
		f.setUser(users.EnsureResponse{ID: 7})
		time.Sleep(2 * pollWait)
		settle(t, p)
		if got := f.pollCount() - polls; got < 3 {
			t.Errorf("%d polls after the pause", got)
		}
	})
}

func TestPeople_CacheLimits(t *testing.T) {
	testPeople(t, func(t *testing.T, p *people, f *fakeUsers) {
		settle(t, p)
		pass(p, idleTTL)
		lookups := f.lookupCount()
		f.set(func() { f.user.ID = 8 })
		if id, err := p.ensure(t.Context(), alice); err != nil || id != 8 || f.lookupCount() != lookups+1 {
			t.Errorf("id = %d, err = %v", id, err)
		}
		for i := range maxCachedPeople + 1000 {
			other := claimsOf(0, "")
			other.Subject = fmt.Sprint(i)
			if _, err := p.ensure(t.Context(), other); err != nil {
				t.Fatal(err)
			}
		}
		p.cache.CleanUp()
		if n := p.cache.EstimatedSize(); n > maxCachedPeople {
			t.Errorf("%d people are cached", n)
		}
	})
}

// A newer profile causes a lookup.
func TestPeople_Profile(t *testing.T) {
	testPeople(t, func(t *testing.T, p *people, f *fakeUsers) {
		settle(t, p)
		noTime := claimsOf(0, "Alice")
		noTime.IssuedAt = nil
		for _, step := range []struct {
			name   string
			claims *token.Claims
			lookup bool
		}{
			{"a token without profile", claimsOf(50, ""), false},
			{"the first with a profile", claimsOf(40, "Alice"), true},
			{"the same again", claimsOf(40, "Alice"), false},
			{"an older one", claimsOf(45, "A."), false},
			{"a newer one", claimsOf(30, "Alice L."), true},
			{"the previous one", claimsOf(40, "Alice"), false},
			{"a newer one without profile", claimsOf(20, ""), false},
			{"one without an issue time", noTime, false},
		} {
			before := f.lookupCount()
			if _, err := p.ensure(t.Context(), step.claims); err != nil {
				t.Fatal(err)
			}
			if got := f.lookupCount() > before; got != step.lookup {
				t.Errorf("%s: lookup = %v", step.name, got)
			}
		}

		// A lookup with an older token doesn't forget the newer profile.
		pass(p, idleTTL)
		lookups := f.lookupCount()
		for _, claims := range []*token.Claims{claimsOf(40, "Alice"), claimsOf(30, "Alice L.")} {
			if _, err := p.ensure(t.Context(), claims); err != nil {
				t.Fatal(err)
			}
		}
		if got := f.lookupCount() - lookups; got != 1 {
			t.Errorf("%d lookups, want 1", got)
		}

		// A newer profile causes a lookup even while another one is running.
		f.set(func() { f.delay = 100 * time.Millisecond })
		pass(p, idleTTL)
		lookups = f.lookupCount()
		go p.ensure(t.Context(), claimsOf(30, "Alice L."))
		synctest.Wait()
		if _, err := p.ensure(t.Context(), claimsOf(10, "Alice M.")); err != nil {
			t.Fatal(err)
		}
		if got := f.lookupCount() - lookups; got != 2 {
			t.Errorf("%d lookups, want 2", got)
		}
	})
}

func TestEnsureParams(t *testing.T) {
	str := func(s string) *string { return &s }
	all := claimsOf(0, "Alice")
	all.Username, all.Email, all.Picture = "alice", "alice@example.com", "https://img.example/alice.png"
	noTime := claimsOf(0, "Alice")
	noTime.IssuedAt = nil
	for name, tt := range map[string]struct {
		claims *token.Claims
		want   users.EnsureParams
	}{
		"no profile": {claimsOf(0, ""), users.EnsureParams{LogtoID: "alice"}},
		"some":       {claimsOf(0, "Alice"), users.EnsureParams{LogtoID: "alice", Name: str("Alice"), IssuedAt: start}},
		"all": {all, users.EnsureParams{LogtoID: "alice", Username: str("alice"), Email: str("alice@example.com"),
			Name: str("Alice"), Picture: str("https://img.example/alice.png"), IssuedAt: start}},
		"no time": {noTime, users.EnsureParams{LogtoID: "alice"}},
	} {
		got := ensureParams(tt.claims)
		if !got.IssuedAt.Equal(tt.want.IssuedAt) {
			t.Errorf("%s: issued at %v", name, got.IssuedAt)
		}
		got.IssuedAt = tt.want.IssuedAt
		if !reflect.DeepEqual(*got, tt.want) {
			t.Errorf("%s: %+v, want %+v", name, *got, tt.want)
		}
	}
}
