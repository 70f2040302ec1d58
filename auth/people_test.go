package auth

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"encore.dev/beta/errs"
	"github.com/golang-jwt/jwt/v5"

	"encore.app/auth/token"
	"encore.app/users"
)

// fakeUsers stands for the users service.
type fakeUsers struct {
	asked []users.EnsureParams
	user  users.EnsureResponse
	err   error
	hook  func() // while being asked
}

func (f *fakeUsers) ensure(_ context.Context, p *users.EnsureParams) (*users.EnsureResponse, error) {
	f.asked = append(f.asked, *p)
	user, err := f.user, f.err
	if f.hook != nil {
		f.hook()
	}
	return &user, err
}

var start = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// newFakePeople returns people at a time, and the users service they ask.
func newFakePeople(at *time.Time) (*people, *fakeUsers) {
	p, f := newPeople(), &fakeUsers{user: users.EnsureResponse{ID: 7}}
	p.now = func() time.Time { return *at }
	p.users = f.ensure
	return p, f
}

// claimsOf returns the claims of a token of alice, some seconds old.
func claimsOf(secondsOld int, name string) *token.Claims {
	issuedAt := jwt.NewNumericDate(start.Add(-time.Duration(secondsOld) * time.Second))
	return &token.Claims{RegisteredClaims: jwt.RegisteredClaims{Subject: "alice", IssuedAt: issuedAt}, Name: name}
}

// TestPeople_LockOut: on this instance it shows at once, on others after the
// interval, and so does its end.
func TestPeople_LockOut(t *testing.T) {
	for name, tt := range map[string]struct {
		locked users.EnsureResponse
		want   error
	}{
		"suspended": {users.EnsureResponse{ID: 7, Suspended: true}, errSuspended},
		"deleted":   {users.EnsureResponse{Deleted: true}, errDeleted},
	} {
		t.Run(name, func(t *testing.T) {
			at := start
			p, f := newFakePeople(&at)
			free := f.user
			check := func(want error, wantAsked int) {
				t.Helper()
				id, err := p.ensure(t.Context(), claimsOf(0, ""))
				if !errors.Is(err, want) || (err == nil) != (id == 7) {
					t.Errorf("id = %d, err = %v, want %v", id, err, want)
				}
				if len(f.asked) != wantAsked {
					t.Errorf("asked %d times, want %d", len(f.asked), wantAsked)
				}
			}
			check(nil, 1)
			f.user = tt.locked
			check(nil, 1) // another instance has heard of it
			at = at.Add(ensureInterval)
			check(tt.want, 2)
			check(tt.want, 2)
			f.user = free
			p.forget("bob")
			check(tt.want, 2)
			p.forget("alice") // this one has
			check(nil, 3)
			f.user = tt.locked
			p.forget("alice")
			check(tt.want, 4)
			at = at.Add(ensureInterval)
			f.user = free
			check(nil, 5)
		})
	}
}

// TestPeople_LockOutWhileAsked: an answer from before the change is not kept.
func TestPeople_LockOutWhileAsked(t *testing.T) {
	at := start
	p, f := newFakePeople(&at)
	f.hook = func() {
		f.hook = nil
		f.user.Suspended = true
		p.forget("alice")
	}
	if _, err := p.ensure(t.Context(), claimsOf(0, "")); err != nil {
		t.Fatal(err)
	}
	if _, err := p.ensure(t.Context(), claimsOf(0, "")); !errors.Is(err, errSuspended) {
		t.Errorf("err = %v, want %v", err, errSuspended)
	}
}

// TestPeople_Unavailable: an outage is not remembered, and no reason to let
// somebody in whose time is up.
func TestPeople_Unavailable(t *testing.T) {
	at := start
	p, f := newFakePeople(&at)
	if _, err := p.ensure(t.Context(), claimsOf(0, "")); err != nil {
		t.Fatal(err)
	}
	at = at.Add(ensureInterval)
	f.err = &errs.Error{Code: errs.Unavailable}
	for range 2 {
		if id, err := p.ensure(t.Context(), claimsOf(0, "")); errs.Code(err) != errs.Unavailable || id != 0 {
			t.Errorf("id = %d, err = %v", id, err)
		}
	}
	f.err = nil
	if id, err := p.ensure(t.Context(), claimsOf(0, "")); err != nil || id != 7 {
		t.Errorf("id = %d, err = %v", id, err)
	}
}

// TestPeople_Profile: a newer token with a profile is told of at once, an older
// one or one without a profile is not.
func TestPeople_Profile(t *testing.T) {
	at := start
	p, f := newFakePeople(&at)
	noTime := claimsOf(0, "Alice")
	noTime.IssuedAt = nil
	for _, step := range []struct {
		name   string
		claims *token.Claims
		asks   bool
	}{
		{"a token without profile", claimsOf(60, ""), true},
		{"a newer one without profile", claimsOf(50, ""), false},
		{"the first with a profile", claimsOf(40, "Alice"), true},
		{"the same again", claimsOf(40, "Alice"), false},
		{"an older one", claimsOf(45, "A."), false},
		{"a newer one", claimsOf(30, "Alice L."), true},
		{"the one before", claimsOf(40, "Alice"), false},
		{"a newer one without profile", claimsOf(20, ""), false},
		{"one that doesn't say when it was issued", noTime, false},
	} {
		before := len(f.asked)
		if _, err := p.ensure(t.Context(), step.claims); err != nil {
			t.Fatal(err)
		}
		if asks := len(f.asked) > before; asks != step.asks {
			t.Errorf("%s: asks is %v", step.name, asks)
		}
	}

	// After the interval an older token asks, and the newer is still not news.
	at = at.Add(ensureInterval)
	for _, claims := range []*token.Claims{claimsOf(40, "Alice"), claimsOf(30, "Alice L.")} {
		if _, err := p.ensure(t.Context(), claims); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, asked := range f.asked {
		got = append(got, deref(asked.Name))
	}
	if want := []string{"", "Alice", "Alice L.", "Alice"}; !reflect.DeepEqual(got, want) {
		t.Errorf("names told = %q, want %q", got, want)
	}
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
