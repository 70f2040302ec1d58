package auth

import (
	"context"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"encore.app/users"
)

const (
	// ensureInterval is how long a person's row is taken to be as it was. The
	// users service notes when somebody was last seen to the same precision.
	ensureInterval = time.Minute
	// rememberedPeople bounds the memory, to some 20 MB.
	rememberedPeople = 100_000
)

// people remembers whose row was ensured lately, so that a call by a known
// person needs no SQL.
type people struct {
	known *lru.Cache[string, person]
	now   func() time.Time
}

type person struct {
	id      int64
	ensured time.Time
}

func newPeople() *people {
	known, err := lru.New[string, person](rememberedPeople)
	if err != nil {
		panic(err) // the size is not positive
	}
	return &people{known: known, now: time.Now}
}

// ensure returns the internal id of the person with the subject, and makes sure
// that they have a row. It returns errs.Unavailable if the database can't be reached.
func (p *people) ensure(ctx context.Context, subject string) (int64, error) {
	if known, ok := p.known.Get(subject); ok && p.now().Sub(known.ensured) < ensureInterval {
		return known.id, nil
	}
	user, err := users.Ensure(ctx, &users.EnsureParams{LogtoID: subject})
	if err != nil {
		return 0, err
	}
	p.known.Add(subject, person{id: user.ID, ensured: p.now()})
	return user.ID, nil
}
