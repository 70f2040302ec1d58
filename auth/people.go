package auth

import (
	"context"
	"sync/atomic"
	"time"

	"encore.dev/beta/errs"
	"github.com/maypok86/otter/v2"

	"encore.app/auth/token"
	"encore.app/internal/fault"
	"encore.app/users"
)

const (
	// maxCachedPeople limits the cache to about 50 MB.
	maxCachedPeople = 100_000
	// idleTTL is how long an idle person stays in the cache.
	idleTTL = 10 * time.Minute
	// refreshInterval is how often an active person's last_seen_at is updated.
	refreshInterval = time.Minute
	maxRefreshes    = 16
	lookupTimeout   = 5 * time.Second
)

// people caches the answers of the users service, so that a call by a known person
// needs no SQL.
//
// A lookup is in the cache before it starts, so that concurrent callers share it. A
// change to a person's row removes it, even while it runs: an answer that may be older
// than the change is never cached.
type people struct {
	cache      *otter.Cache[string, *lookup]
	changes    *changeLog
	ensureUser func(context.Context, *users.EnsureParams) (*users.EnsureResponse, error)
	// generation is increased to invalidate all cached lookups.
	generation atomic.Uint64
	refreshes  chan struct{}
}

type lookup struct {
	generation uint64
	// profile is when the newest token with a profile was issued, or 0.
	profile int64
	// startedAt and doneAt are times of the change log's clock.
	startedAt time.Duration

	done       chan struct{} // closed when the fields below are set
	user       users.EnsureResponse
	err        error
	doneAt     time.Duration
	refreshing atomic.Bool
}

func (l *lookup) isDone() bool {
	select {
	case <-l.done:
		return true
	default:
		return false
	}
}

func newPeople() *people {
	p := &people{
		cache: otter.Must(&otter.Options[string, *lookup]{MaximumSize: maxCachedPeople}),
		ensureUser: func(ctx context.Context, p *users.EnsureParams) (*users.EnsureResponse, error) {
			return users.Ensure(ctx, p) // Encore doesn't allow an endpoint as a value
		},
		refreshes: make(chan struct{}, maxRefreshes),
	}
	p.changes = newChangeLog(func(subject string) { p.cache.Invalidate(subject) }, func() { p.generation.Add(1) })
	return p
}

// ensure makes sure that the person has a row, with the profile in the token, and
// returns their internal id.
//
// It returns errs.PermissionDenied if they are suspended, errs.Unauthenticated if
// they were deleted, errs.Unavailable if the database can't be reached, and
// errs.Canceled if the context ends.
func (p *people) ensure(ctx context.Context, claims *token.Claims) (int64, error) {
	profile := profileIssuedAt(claims)
	l := p.cached(claims.Subject, profile)
	if l == nil {
		var err error
		if l, err = p.lookUp(ctx, claims, profile); err != nil {
			return 0, err
		}
	} else if p.changes.now()-l.doneAt >= refreshInterval {
		p.refresh(ctx, claims, l)
	}
	return idOf(&l.user)
}

// find returns the internal id of a person with a token for another API, or 0 if
// they have no row. It doesn't create one. It returns the same errors as ensure.
func (p *people) find(ctx context.Context, subject string) (int64, error) {
	if l := p.cached(subject, 0); l != nil {
		return idOf(&l.user)
	}
	user, err := users.Find(ctx, &users.FindParams{LogtoID: subject})
	if err != nil {
		return 0, fault.Call(ctx, "find user", err)
	}
	return idOf(user)
}

func idOf(user *users.EnsureResponse) (int64, error) {
	switch {
	case user.Deleted:
		return 0, errDeleted
	case user.Suspended:
		return 0, errSuspended
	}
	return user.ID, nil
}

// cached returns a person's lookup if it is still valid, and nil otherwise.
func (p *people) cached(subject string, profile int64) *lookup {
	// Read the time before the cache: a lookup that is found afterwards was not
	// removed by any change up to that time.
	syncedAt := p.changes.noteCall()
	l, ok := p.cache.GetIfPresent(subject)
	if !ok || l.generation != p.generation.Load() || !l.isDone() || profile > l.profile {
		return nil
	}
	now := p.changes.now()
	if now-max(syncedAt, l.startedAt) >= maxStaleness || now-l.startedAt >= idleTTL {
		return nil
	}
	return l
}

func (p *people) lookUp(ctx context.Context, claims *token.Claims, profile int64) (*lookup, error) {
	began := p.changes.now()
	for {
		l, isNew := p.joinLookup(claims.Subject, profile)
		if isNew {
			// Other callers may share the lookup, so it must outlive this call.
			go p.fetch(context.WithoutCancel(ctx), claims, l)
		}
		select {
		case <-l.done:
		case <-ctx.Done():
			return nil, fault.Database(ctx, "ensure user", ctx.Err())
		}
		if l.err != nil {
			return nil, l.err
		}
		// A lookup that started long before this call may have missed a change that
		// this call has to see.
		if l.profile >= profile && began-l.startedAt < maxStaleness {
			return l, nil
		}
	}
}

// joinLookup returns the person's running lookup. If there is none, it returns a
// new one, which the caller has to start.
func (p *people) joinLookup(subject string, profile int64) (l *lookup, isNew bool) {
	generation := p.generation.Load()
	p.cache.Compute(subject, func(old *lookup, found bool) (*lookup, otter.ComputeOp) {
		isNew = !found || old.generation != generation || old.isDone()
		if !isNew {
			l = old
			return old, otter.CancelOp
		}
		if found {
			profile = max(profile, old.profile)
		}
		l = &lookup{generation: generation, profile: profile, startedAt: p.changes.now(), done: make(chan struct{})}
		return l, otter.WriteOp
	})
	return l, isNew
}

// fetch runs the lookup. Errors are not cached.
func (p *people) fetch(ctx context.Context, claims *token.Claims, l *lookup) {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	user, err := p.ensureUser(ctx, ensureParams(claims))
	if err == nil {
		l.user = *user
	} else {
		l.err = fault.Call(ctx, "ensure user", err)
		p.replace(claims.Subject, l, nil)
	}
	l.doneAt = p.changes.now()
	close(l.done)
}

// refresh starts a lookup in the background. The old one is used until it is done.
func (p *people) refresh(ctx context.Context, claims *token.Claims, l *lookup) {
	if l.refreshing.Load() || !l.refreshing.CompareAndSwap(false, true) {
		return
	}
	select {
	case p.refreshes <- struct{}{}:
	default:
		l.refreshing.Store(false)
		return
	}
	next := &lookup{generation: l.generation, profile: l.profile, startedAt: p.changes.now(), done: make(chan struct{})}
	go func() {
		defer func() { <-p.refreshes }()
		p.fetch(context.WithoutCancel(ctx), claims, next)
		if next.err != nil {
			l.refreshing.Store(false)
			return
		}
		p.replace(claims.Subject, l, next)
	}()
}

// replace replaces a cached lookup, or deletes it if next is nil, unless a change has
// removed it.
func (p *people) replace(subject string, old, next *lookup) {
	p.cache.ComputeIfPresent(subject, func(found *lookup) (*lookup, otter.ComputeOp) {
		switch {
		case found != old:
			return found, otter.CancelOp
		case next == nil:
			return nil, otter.InvalidateOp
		}
		return next, otter.WriteOp
	})
}

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
		params.Username = optional(c.Username)
		params.Email = optional(c.Email)
		params.Name = optional(c.Name)
		params.Picture = optional(c.Picture)
	}
	return params
}

func optional(claim string) *string {
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

// LockedOut tells the client that the person is locked out.
type LockedOut struct {
	Suspended bool `json:"suspended"`
}

// ErrDetails implements errs.ErrDetails.
func (LockedOut) ErrDetails() {}
