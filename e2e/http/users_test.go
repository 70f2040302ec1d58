package http_test

import (
	"slices"
	"testing"
	"time"

	"encore.app/e2e/backend"
	"encore.app/e2e/people"
)

type user struct {
	ID         int64     `json:"id"`
	LogtoID    string    `json:"logto_id"`
	Email      *string   `json:"email"`
	Name       *string   `json:"name"`
	Suspended  *bool     `json:"suspended"`
	CreatedAt  time.Time `json:"created_at"`
	UpdatedAt  time.Time `json:"updated_at"`
	LastSeenAt time.Time `json:"last_seen_at"`
}

func me(t *testing.T, person string) user {
	t.Helper()
	a := app(t).Get(t, "/users/me", people.Token(t, person))
	checkNoInternals(t, a)
	if got := a.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q, want no-store", got)
	}
	return backend.JSON[user](t, a)
}

func TestMe(t *testing.T) {
	first, second := me(t, "alice"), me(t, "alice")
	if first.ID <= 0 || first.ID != second.ID {
		t.Errorf("ids %d and then %d, want one and the same", first.ID, second.ID)
	}
	if want := people.Subject(t, people.Token(t, "alice")); first.LogtoID != want {
		t.Errorf("logto_id %q, want %q", first.LogtoID, want)
	}
	if first.Suspended == nil || *first.Suspended {
		t.Error("suspended is not false")
	}
	if first.CreatedAt.IsZero() || first.UpdatedAt.Before(first.CreatedAt) || first.LastSeenAt.Before(first.CreatedAt) {
		t.Errorf("created %v, updated %v, last seen %v", first.CreatedAt, first.UpdatedAt, first.LastSeenAt)
	}
	if second.LastSeenAt.Before(first.LastSeenAt) {
		t.Errorf("last seen %v and then %v", first.LastSeenAt, second.LastSeenAt)
	}
	if !first.CreatedAt.Equal(second.CreatedAt) {
		t.Errorf("created %v and then %v", first.CreatedAt, second.CreatedAt)
	}
}

// Unknown fields are null, not left out.
func TestMeHasEveryField(t *testing.T) {
	fields := backend.JSON[map[string]any](t, app(t).Get(t, "/users/me", people.Token(t, "bob")))
	for _, name := range []string{
		"id", "logto_id", "username", "email", "phone", "name", "picture",
		"suspended", "created_at", "updated_at", "last_seen_at",
	} {
		if _, ok := fields[name]; !ok {
			t.Errorf("there is no %s", name)
		}
	}
}

func TestMeReturnsOwnRow(t *testing.T) {
	alice, bob := me(t, "alice"), me(t, "bob")
	if alice.ID == bob.ID || alice.LogtoID == bob.LogtoID {
		t.Errorf("alice and bob share a row: %+v, %+v", alice, bob)
	}
}

func TestMeAtTheSameTime(t *testing.T) {
	want := me(t, "bob").ID
	requests := slices.Repeat([]backend.Request{{Path: "/users/me", Token: people.Token(t, "bob")}}, 20)
	for _, a := range app(t).All(t, requests) {
		if got := backend.JSON[user](t, a); got.ID != want {
			t.Errorf("id %d, want %d", got.ID, want)
		}
	}
}
