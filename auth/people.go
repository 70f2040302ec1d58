package auth

import (
	"context"
	"sync"
	"time"

	"encore.dev/beta/errs"
	lru "github.com/hashicorp/golang-lru/v2"

	"encore.app/auth/token"
	"encore.app/users"
)

const (
	// ensureInterval is how long a person's row is taken to be as it was. It
	// bounds how long somebody who is locked out on another instance can go on
	// here: this instance hears of its own changes at once, and of those of
	// others by asking the database again. That needs no connection to be held
	// and nothing that could be lost on the way.
	ensureInterval = 20 * time.Second
	// rememberedPeople bounds the memory, to some 20 MB.
	rememberedPeople = 100_000
)

// people remembers whose row was ensured lately, so that a call by a known
// person needs no SQL.
type people struct {
	known *lru.Cache[string, person]
	now   func() time.Time
	users func(context.Context, *users.EnsureParams) (*users.EnsureResponse, error)

	// mu is held to add somebody to known and to remove them. changes counts the
	// removals: what was read before one may be from before the change.
	mu      sync.Mutex
	changes uint64
}

type person struct {
	id                 int64
	suspended, deleted bool
	ensured            time.Time
	// profile is when the newest token with a profile was issued, in Unix time;
	// 0 if there was none.
	profile int64
}

func newPeople() *people {
	known, err := lru.New[string, person](rememberedPeople)
	if err != nil {
		panic(err) // the size is not positive
	}
	return &people{
		known: known,
		now:   time.Now,
		users: func(ctx context.Context, p *users.EnsureParams) (*users.EnsureResponse, error) {
			return users.Ensure(ctx, p) // Encore allows an endpoint to be called but not to be a value
		},
	}
}

// ensure returns the internal id of the person who bears a token with the
// claims. It makes sure that they have a row, which takes over the profile that
// the token may carry.
//
// It returns errs.PermissionDenied for somebody suspended, errs.Unauthenticated
// for somebody deleted, and errs.Unavailable if the database can't be reached.
func (p *people) ensure(ctx context.Context, claims *token.Claims) (int64, error) {
	found, ok := p.known.Get(claims.Subject)
	profile := profileIssuedAt(claims)
	if !ok || p.now().Sub(found.ensured) >= ensureInterval || profile > found.profile {
		var err error
		if found, err = p.ask(ctx, claims, max(profile, found.profile)); err != nil {
			return 0, err
		}
	}
	switch {
	case found.deleted:
		return 0, errDeleted
	case found.suspended:
		return 0, errSuspended
	}
	return found.id, nil
}

// ask asks the users service about a person, and remembers the answer unless
// somebody's row has changed meanwhile.
func (p *people) ask(ctx context.Context, claims *token.Claims, profile int64) (person, error) {
	p.mu.Lock()
	changes := p.changes
	p.mu.Unlock()

	asked := p.now()
	user, err := p.users(ctx, ensureParams(claims))
	if err != nil {
		return person{}, err
	}
	found := person{user.ID, user.Suspended, user.Deleted, asked, profile}

	p.mu.Lock()
	defer p.mu.Unlock()
	if p.changes == changes {
		p.known.Add(claims.Subject, found)
	}
	return found, nil
}

// forget makes the next call of a person ask for them again.
func (p *people) forget(subject string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.changes++
	p.known.Remove(subject)
}

// profileIssuedAt returns when a token that carries a profile was issued, in
// Unix time, or 0 if it carries none or doesn't say when.
func profileIssuedAt(c *token.Claims) int64 {
	if c.IssuedAt == nil || (c.Username == "" && c.Email == "" && c.Name == "" && c.Picture == "") {
		return 0
	}
	return c.IssuedAt.Unix()
}

func ensureParams(c *token.Claims) *users.EnsureParams {
	params := &users.EnsureParams{LogtoID: c.Subject}
	if profileIssuedAt(c) != 0 {
		params.IssuedAt = c.IssuedAt.Time
		params.Username = given(c.Username)
		params.Email = given(c.Email)
		params.Name = given(c.Name)
		params.Picture = given(c.Picture)
	}
	return params
}

// given returns nil for a claim that the token does not carry.
func given(claim string) *string {
	if claim == "" {
		return nil
	}
	return &claim
}

var (
	errSuspended = &errs.Error{
		Code:    errs.PermissionDenied,
		Message: "your account is suspended",
		Details: LockedOut{Suspended: true},
	}
	errDeleted = &errs.Error{Code: errs.Unauthenticated, Message: "your account was deleted"}
)

// LockedOut tells the client that it is the person who is refused, not the call.
type LockedOut struct {
	Suspended bool `json:"suspended"`
}

// ErrDetails marks it as an error's details.
func (LockedOut) ErrDetails() {}
