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

// fakeUsers stands for the users service and its change log.
type fakeUsers struct {
	mu     sync.Mutex
	asked  []users.EnsureParams
	user   users.EnsureResponse
	delay  time.Duration // of an answer of Ensure
	err    error         // of both endpoints
	logErr error         // of the change log
	reads  int
	log    []string // the people in the change log
	lost   bool     // the reader's position is not known
}

func (f *fakeUsers) ensure(ctx context.Context, p *users.EnsureParams) (*users.EnsureResponse, error) {
	f.mu.Lock()
	f.asked = append(f.asked, *p)
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

// read returns what was added after a position, which is one more than the number
// of changes.
func (f *fakeUsers) read(after int64) *users.ChangesResponse {
	resp := &users.ChangesResponse{Position: int64(len(f.log) + 1), Missed: after == 0 || f.lost}
	if !resp.Missed {
		resp.LogtoIDs = f.log[after-1:]
	}
	f.lost = false
	return resp
}

// becomes changes what Ensure answers from now on, of which the log tells.
func (f *fakeUsers) becomes(user users.EnsureResponse) {
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

// timesAsked is how often Ensure was called.
func (f *fakeUsers) timesAsked() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.asked)
}

// timesRead is how often the change log was read.
func (f *fakeUsers) timesRead() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.reads
}

// testPeople runs the test in a bubble, with people who follow the change log of a
// users service.
func testPeople(t *testing.T, test func(t *testing.T, p *people, f *fakeUsers)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p, f := newPeople(), &fakeUsers{user: users.EnsureResponse{ID: 7}}
		p.users, p.changes.read = f.ensure, f.changes
		ctx, stop := context.WithCancel(t.Context())
		go p.changes.run(ctx)
		defer stop()
		synctest.Wait()
		test(t, p, f)
	})
}

// claimsOf returns the claims of a token of alice, some seconds old.
func claimsOf(secondsOld int, name string) *token.Claims {
	issuedAt := jwt.NewNumericDate(start.Add(-time.Duration(secondsOld) * time.Second))
	return &token.Claims{RegisteredClaims: jwt.RegisteredClaims{Subject: "alice", IssuedAt: issuedAt}, Name: name}
}

var start = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

var alice = claimsOf(0, "")

func wantKnown(t *testing.T, p *people) {
	t.Helper()
	if id, err := p.ensure(t.Context(), alice); err != nil || id != 7 {
		t.Fatalf("id = %d, err = %v", id, err)
	}
}

// settle makes alice known, and waits until the change log is followed.
func settle(t *testing.T, p *people) {
	t.Helper()
	for range 3 {
		wantKnown(t, p)
		time.Sleep(pollWait)
	}
}

// pass lets time pass, with calls of others.
func pass(p *people, d time.Duration) {
	for range d / time.Second {
		p.changes.currentAt()
		time.Sleep(time.Second)
	}
}

// TestPeople_LockOut: an answer given a second or more after a change tells of it.
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
						f.becomes(user)
						for since := time.Now(); time.Since(since) < 2*time.Second; time.Sleep(7 * time.Millisecond) {
							_, err := p.ensure(t.Context(), alice)
							if time.Since(since) >= time.Second && !errors.Is(err, want) {
								t.Fatalf("%v after the change: err = %v, want %v", time.Since(since), err, want)
							}
						}
					}
				}
				if asked := f.timesAsked(); asked > 45 {
					t.Errorf("asked %d times for 40 changes", asked)
				}
			})
		})
	}
}

// TestPeople_CutOff: somebody known gets in for a second without the database, and
// not longer.
func TestPeople_CutOff(t *testing.T) {
	testPeople(t, func(t *testing.T, p *people, f *fakeUsers) {
		settle(t, p)
		asked := f.timesAsked()
		f.set(func() { f.err = &errs.Error{Code: errs.Unavailable} })
		for since := time.Now(); time.Since(since) < 3*time.Second; time.Sleep(7 * time.Millisecond) {
			id, err := p.ensure(t.Context(), alice)
			switch late := time.Since(since) >= time.Second; {
			case err == nil && late:
				t.Fatalf("let in %v after the database was gone", time.Since(since))
			case err != nil && (errs.Code(err) != errs.Unavailable || id != 0):
				t.Fatalf("id = %d, err = %v", id, err)
			}
		}
		if f.timesAsked() == asked {
			t.Error("the database was not asked")
		}
		f.set(func() { f.err = nil })
		wantKnown(t, p)
	})
}

// TestPeople_UsersAway: that the users service can't be reached, in its own process,
// is an outage like others.
func TestPeople_UsersAway(t *testing.T) {
	testPeople(t, func(t *testing.T, p *people, f *fakeUsers) {
		f.set(func() { f.err = errors.New(`Post "http://10.0.0.7:4000/users.Ensure": connection refused`) })
		_, err := p.ensure(t.Context(), alice)
		if errs.Code(err) != errs.Unavailable || strings.Contains(err.Error(), "10.0.0.7") {
			t.Errorf("err = %v", err)
		}
	})
}

// TestPeople_SlowAnswer: a slow database refuses nobody. An answer counts for the
// calls that began within a second after it was asked for.
func TestPeople_SlowAnswer(t *testing.T) {
	testPeople(t, func(t *testing.T, p *people, f *fakeUsers) {
		f.set(func() { f.delay, f.logErr = 3*time.Second, errors.New("down") })
		var calls sync.WaitGroup
		for _, later := range []time.Duration{0, trusted - 1, trusted} {
			calls.Go(func() {
				time.Sleep(later)
				wantKnown(t, p)
			})
		}
		calls.Wait()
		if asked := f.timesAsked(); asked != 2 {
			t.Errorf("asked %d times, want 2", asked)
		}
	})
}

// TestPeople_ChangeWhileAsked: an answer from before a change of the person is not
// remembered. That of another person doesn't matter.
func TestPeople_ChangeWhileAsked(t *testing.T) {
	for changed, wantAsked := range map[string]int{"alice": 1, "bob": 0} {
		for name, wait := range map[string]time.Duration{"asked for the first time": rememberedFor, "asked for again": renewInterval} {
			t.Run(fmt.Sprintf("%s, %s", changed, name), func(t *testing.T) {
				testPeople(t, func(t *testing.T, p *people, f *fakeUsers) {
					settle(t, p)
					pass(p, wait)
					f.set(func() { f.delay = 3 * pollWait })
					go p.ensure(t.Context(), alice)
					time.Sleep(pollWait)
					f.set(func() { f.log = append(f.log, changed) })
					time.Sleep(5 * pollWait)
					asked := f.timesAsked()
					f.set(func() { f.delay = 0 })
					wantKnown(t, p)
					if got := f.timesAsked() - asked; got != wantAsked {
						t.Errorf("asked %d times, want %d", got, wantAsked)
					}
				})
			})
		}
	}
}

// TestPeople_ChangeWhileAskedAgain: an answer from before a change does not take the
// place of one from after it.
func TestPeople_ChangeWhileAskedAgain(t *testing.T) {
	testPeople(t, func(t *testing.T, p *people, f *fakeUsers) {
		settle(t, p)
		pass(p, renewInterval)
		f.set(func() { f.delay = 3 * pollWait })
		wantKnown(t, p) // asks again, which takes long
		synctest.Wait()
		f.set(func() { f.delay = 0 })
		f.becomes(users.EnsureResponse{ID: 7, Suspended: true})
		for range 6 {
			time.Sleep(pollWait)
			_, _ = p.ensure(t.Context(), alice)
		}
		if _, err := p.ensure(t.Context(), alice); !errors.Is(err, errSuspended) {
			t.Errorf("err = %v, want %v", err, errSuspended)
		}
	})
}

// TestChangeLog_More: as long as there are changes to be read, nothing is known to
// be true.
func TestChangeLog_More(t *testing.T) {
	var forgotten []string
	c := newChangeLog(func(subject string) { forgotten = append(forgotten, subject) }, nil)
	for _, more := range []bool{true, false} {
		c.read = func(context.Context, *users.ChangesParams) (*users.ChangesResponse, error) {
			return &users.ChangesResponse{LogtoIDs: []string{"alice"}, Position: 8, More: more}, nil
		}
		if next, err := c.poll(t.Context(), 7); err != nil || next != 8 {
			t.Errorf("next = %d, err = %v", next, err)
		}
		if known := c.current.Load() != never; known == more {
			t.Errorf("more: %t, and what is remembered counts: %t", more, known)
		}
	}
	if len(forgotten) != 2 {
		t.Errorf("forgotten: %v", forgotten)
	}
}

// TestPeople_Missed: whoever may have missed changes forgets everybody.
func TestPeople_Missed(t *testing.T) {
	testPeople(t, func(t *testing.T, p *people, f *fakeUsers) {
		settle(t, p)
		f.set(func() { f.lost, f.user.Suspended = true, true })
		time.Sleep(2 * pollWait)
		if _, err := p.ensure(t.Context(), alice); !errors.Is(err, errSuspended) {
			t.Errorf("err = %v, want %v", err, errSuspended)
		}
	})
}

// TestPeople_AtOnce: of many calls one asks, and its end is not that of the others.
func TestPeople_AtOnce(t *testing.T) {
	testPeople(t, func(t *testing.T, p *people, f *fakeUsers) {
		f.set(func() { f.delay = 100 * time.Millisecond })
		first, hangUp := context.WithCancel(t.Context())
		go func() {
			if _, err := p.ensure(first, alice); errs.Code(err) != errs.Canceled {
				t.Errorf("the first: err = %v, want canceled", err)
			}
		}()
		synctest.Wait()
		var calls sync.WaitGroup
		for range 200 {
			calls.Go(func() { wantKnown(t, p) })
		}
		synctest.Wait()
		hangUp()
		calls.Wait()
		if asked := f.timesAsked(); asked != 1 {
			t.Errorf("asked %d times", asked)
		}
	})
}

// TestPeople_Seen: that somebody was seen is noted once a minute, and no call waits
// for it.
func TestPeople_Seen(t *testing.T) {
	testPeople(t, func(t *testing.T, p *people, f *fakeUsers) {
		settle(t, p)
		f.set(func() { f.delay = 3 * time.Second })
		begin, asked := time.Now(), f.timesAsked()
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
				t.Fatalf("a call waited, %v after the beginning", time.Since(begin))
			}
			time.Sleep(time.Second)
		}
		if got := f.timesAsked() - asked; got < 3 || got > 4 {
			t.Errorf("asked %d times in 4 minutes", got)
		}
	})
}

// TestPeople_SeenInAnOutage: what can't be noted is tried again.
func TestPeople_SeenInAnOutage(t *testing.T) {
	testPeople(t, func(t *testing.T, p *people, f *fakeUsers) {
		settle(t, p)
		pass(p, renewInterval)
		ask := p.users
		p.users = func(context.Context, *users.EnsureParams) (*users.EnsureResponse, error) {
			return nil, &errs.Error{Code: errs.Unavailable}
		}
		wantKnown(t, p)
		synctest.Wait()
		p.users = ask
		asked := f.timesAsked()
		for range 3 {
			wantKnown(t, p)
			synctest.Wait()
		}
		if got := f.timesAsked() - asked; got != 1 {
			t.Errorf("asked %d times, want once", got)
		}
	})
}

// TestPeople_NobodyCalls: an instance that nobody calls asks for nothing. The first
// call after that asks.
func TestPeople_NobodyCalls(t *testing.T) {
	testPeople(t, func(t *testing.T, p *people, f *fakeUsers) {
		settle(t, p)
		other := claimsOf(0, "")
		other.Subject = "bob"
		if _, err := p.ensure(t.Context(), other); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * pollIdle)
		reads, asked := f.timesRead(), f.timesAsked()
		time.Sleep(5 * time.Minute)
		if f.timesRead() != reads {
			t.Errorf("read the change log %d times", f.timesRead()-reads)
		}
		f.becomes(users.EnsureResponse{ID: 7, Suspended: true})
		if _, err := p.ensure(t.Context(), alice); !errors.Is(err, errSuspended) {
			t.Errorf("err = %v, want %v", err, errSuspended)
		}
		synctest.Wait()
		// By now the memory counts again, of whoever is in it.
		if _, err := p.ensure(t.Context(), other); err != nil {
			t.Error(err)
		}
		if got := f.timesAsked() - asked; got != 1 {
			t.Errorf("asked %d times, want once: for the first call", got)
		}
		f.becomes(users.EnsureResponse{ID: 7})
		time.Sleep(2 * pollWait)
		settle(t, p)
		if got := f.timesRead() - reads; got < 3 {
			t.Errorf("read the change log %d times after the pause", got)
		}
	})
}

// TestPeople_Forgotten: who doesn't call is asked for when they do again, and before
// that the memory is bounded.
func TestPeople_Forgotten(t *testing.T) {
	testPeople(t, func(t *testing.T, p *people, f *fakeUsers) {
		settle(t, p)
		pass(p, rememberedFor)
		asked := f.timesAsked()
		f.set(func() { f.user.ID = 8 })
		if id, err := p.ensure(t.Context(), alice); err != nil || id != 8 || f.timesAsked() != asked+1 {
			t.Errorf("id = %d, err = %v", id, err)
		}
		for i := range rememberedPeople + 1000 {
			other := claimsOf(0, "")
			other.Subject = fmt.Sprint(i)
			if _, err := p.ensure(t.Context(), other); err != nil {
				t.Fatal(err)
			}
		}
		p.known.CleanUp()
		if n := p.known.EstimatedSize(); n > rememberedPeople {
			t.Errorf("%d people are remembered", n)
		}
	})
}

// TestPeople_Profile: a newer token with a profile is told of at once, an older
// one or one without a profile is not.
func TestPeople_Profile(t *testing.T) {
	testPeople(t, func(t *testing.T, p *people, f *fakeUsers) {
		settle(t, p)
		noTime := claimsOf(0, "Alice")
		noTime.IssuedAt = nil
		for _, step := range []struct {
			name   string
			claims *token.Claims
			asks   bool
		}{
			{"a token without profile", claimsOf(50, ""), false},
			{"the first with a profile", claimsOf(40, "Alice"), true},
			{"the same again", claimsOf(40, "Alice"), false},
			{"an older one", claimsOf(45, "A."), false},
			{"a newer one", claimsOf(30, "Alice L."), true},
			{"the one before", claimsOf(40, "Alice"), false},
			{"a newer one without profile", claimsOf(20, ""), false},
			{"one that doesn't say when it was issued", noTime, false},
		} {
			before := f.timesAsked()
			if _, err := p.ensure(t.Context(), step.claims); err != nil {
				t.Fatal(err)
			}
			if asks := f.timesAsked() > before; asks != step.asks {
				t.Errorf("%s: asks is %v", step.name, asks)
			}
		}

		// Asked for again with an older token, the newer is still not news.
		pass(p, rememberedFor)
		asked := f.timesAsked()
		for _, claims := range []*token.Claims{claimsOf(40, "Alice"), claimsOf(30, "Alice L.")} {
			if _, err := p.ensure(t.Context(), claims); err != nil {
				t.Fatal(err)
			}
		}
		if got := f.timesAsked() - asked; got != 1 {
			t.Errorf("asked %d times, want once", got)
		}

		// At the same time as another, the newer is told too.
		f.set(func() { f.delay = 100 * time.Millisecond })
		pass(p, rememberedFor)
		asked = f.timesAsked()
		go p.ensure(t.Context(), claimsOf(30, "Alice L."))
		synctest.Wait()
		if _, err := p.ensure(t.Context(), claimsOf(10, "Alice M.")); err != nil {
			t.Fatal(err)
		}
		if got := f.timesAsked() - asked; got != 2 {
			t.Errorf("asked %d times, want twice", got)
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
		"a part":     {claimsOf(0, "Alice"), users.EnsureParams{LogtoID: "alice", Name: str("Alice"), IssuedAt: start}},
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
