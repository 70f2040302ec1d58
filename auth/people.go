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
	// rememberedPeople bounds the memory, to some 50 MB.
	rememberedPeople = 100_000
	// rememberedFor is how long somebody is remembered who doesn't call.
	rememberedFor = 10 * time.Minute
	// renewInterval is how often the users service is asked about somebody who does
	// call: it notes to the minute when they were last seen.
	renewInterval = time.Minute
	// maxRenewals bounds how many people it is asked about at a time for that. The
	// others' turn comes with a later call.
	maxRenewals = 16
	// askTimeout bounds one question about a person.
	askTimeout = 5 * time.Second
)

// people remembers what the users service answered about people, so that a call
// by a known person needs no SQL.
//
// The memory holds questions, each from before it is asked. Callers who ask about the
// same person find the question and wait for its answer. A change of somebody's row
// removes their question, answered or not: an answer that may be older than the
// change is then not remembered.
type people struct {
	known   *otter.Cache[string, *question]
	changes *changeLog
	users   func(context.Context, *users.EnsureParams) (*users.EnsureResponse, error)
	// memory is increased to forget everybody: questions of another memory don't count.
	memory   atomic.Uint64
	renewals chan struct{}
}

// question is one about a person.
type question struct {
	memory uint64
	// profile is when the newest token whose profile was sent along was issued, in
	// Unix time. It is 0 if there was none.
	profile int64
	// asked is when the question was, as a time of the change log's.
	asked time.Duration

	answered chan struct{} // closed when the following is there
	user     users.EnsureResponse
	err      error
	// answeredAt is when that was.
	answeredAt time.Duration
	renewing   atomic.Bool
}

func (q *question) isAnswered() bool {
	select {
	case <-q.answered:
		return true
	default:
		return false
	}
}

func newPeople() *people {
	p := &people{
		known: otter.Must(&otter.Options[string, *question]{MaximumSize: rememberedPeople}),
		users: func(ctx context.Context, p *users.EnsureParams) (*users.EnsureResponse, error) {
			return users.Ensure(ctx, p) // Encore allows an endpoint to be called but not to be a value
		},
		renewals: make(chan struct{}, maxRenewals),
	}
	p.changes = newChangeLog(func(subject string) { p.known.Invalidate(subject) }, func() { p.memory.Add(1) })
	return p
}

// ensure returns the internal id of the person who bears a token with the claims. It
// makes sure that they have a row, with the profile that the token may carry.
//
// It returns errs.PermissionDenied for somebody suspended, errs.Unauthenticated
// for somebody deleted, errs.Unavailable if the database can't be reached, and
// errs.Canceled if the context ends.
func (p *people) ensure(ctx context.Context, claims *token.Claims) (int64, error) {
	profile := profileIssuedAt(claims)
	q := p.remembered(claims.Subject, profile)
	if q == nil {
		var err error
		if q, err = p.ask(ctx, claims, profile); err != nil {
			return 0, err
		}
	} else if p.changes.now()-q.answeredAt >= renewInterval {
		p.renew(ctx, claims, q)
	}
	return idOf(&q.user)
}

// find returns the internal id of a person who bears a token for another API, or 0
// if they have no row: such a token makes and changes none. It returns the errors
// of ensure.
func (p *people) find(ctx context.Context, subject string) (int64, error) {
	if q := p.remembered(subject, 0); q != nil {
		return idOf(&q.user)
	}
	user, err := users.Find(ctx, &users.FindParams{LogtoID: subject})
	if err != nil {
		return 0, fault.Call(ctx, "find user", err)
	}
	return idOf(user)
}

// idOf returns a person's internal id unless they are locked out.
func idOf(user *users.EnsureResponse) (int64, error) {
	switch {
	case user.Deleted:
		return 0, errDeleted
	case user.Suspended:
		return 0, errSuspended
	}
	return user.ID, nil
}

// remembered returns the question about a person whose answer is certainly still
// true, or nil if there is none.
func (p *people) remembered(subject string, profile int64) *question {
	// The time is read first: what is found afterwards was not removed by any change
	// up to that time.
	current := p.changes.currentAt()
	q, ok := p.known.GetIfPresent(subject)
	if !ok || q.memory != p.memory.Load() || !q.isAnswered() || profile > q.profile {
		return nil
	}
	now := p.changes.now()
	if now-max(current, q.asked) >= trusted || now-q.asked >= rememberedFor {
		return nil
	}
	return q
}

// ask asks about a person, or waits for an answer that another caller asked for.
func (p *people) ask(ctx context.Context, claims *token.Claims, profile int64) (*question, error) {
	began := p.changes.now()
	for {
		q, isNew := p.pending(claims.Subject, profile)
		if isNew {
			// Others may wait for it too: it must outlive the call that began it.
			go p.answer(context.WithoutCancel(ctx), claims, q)
		}
		select {
		case <-q.answered:
		case <-ctx.Done():
			return nil, fault.Database(ctx, "ensure user", ctx.Err())
		}
		if q.err != nil {
			return nil, q.err
		}
		// A question that was asked long before this call may have been answered
		// before a change that this call must know of.
		if q.profile >= profile && began-q.asked < trusted {
			return q, nil
		}
	}
}

// pending returns the question about a person that is not answered yet. If there
// is none it is a new one, which the caller has to answer.
func (p *people) pending(subject string, profile int64) (q *question, isNew bool) {
	memory := p.memory.Load()
	p.known.Compute(subject, func(old *question, found bool) (*question, otter.ComputeOp) {
		isNew = !found || old.memory != memory || old.isAnswered()
		if !isNew {
			q = old
			return old, otter.CancelOp
		}
		if found {
			profile = max(profile, old.profile)
		}
		q = &question{memory: memory, profile: profile, asked: p.changes.now(), answered: make(chan struct{})}
		return q, otter.WriteOp
	})
	return q, isNew
}

// answer asks the users service. Those who wait get its error too, which is not
// remembered.
func (p *people) answer(ctx context.Context, claims *token.Claims, q *question) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	user, err := p.users(ctx, ensureParams(claims))
	if err == nil {
		q.user = *user
	} else {
		q.err = fault.Call(ctx, "ensure user", err)
		p.replace(claims.Subject, q, nil)
	}
	q.answeredAt = p.changes.now()
	close(q.answered)
}

// renew asks about a known person again in the background. Meanwhile the remembered
// answer is used. One caller does it.
func (p *people) renew(ctx context.Context, claims *token.Claims, q *question) {
	if q.renewing.Load() || !q.renewing.CompareAndSwap(false, true) {
		return
	}
	select {
	case p.renewals <- struct{}{}:
	default:
		q.renewing.Store(false)
		return
	}
	next := &question{memory: q.memory, profile: q.profile, asked: p.changes.now(), answered: make(chan struct{})}
	go func() {
		defer func() { <-p.renewals }()
		p.answer(context.WithoutCancel(ctx), claims, next)
		if next.err != nil {
			q.renewing.Store(false)
			return
		}
		p.replace(claims.Subject, q, next)
	}()
}

// replace puts another question, or none, in the place of one that is still in the
// memory: after a change of the person's row it isn't.
func (p *people) replace(subject string, q, by *question) {
	p.known.ComputeIfPresent(subject, func(found *question) (*question, otter.ComputeOp) {
		switch {
		case found != q:
			return found, otter.CancelOp
		case by == nil:
			return nil, otter.InvalidateOp
		}
		return by, otter.WriteOp
	})
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
