package todos

import (
	"crypto/rand"
	"slices"
	"strings"
	"sync"
	"testing"

	"encore.dev/beta/errs"
)

func TestCreate(t *testing.T) {
	signIn("")
	first, second := mustCreate(t, "buy milk"), mustCreate(t, " buy milk ")
	if second.ID <= first.ID {
		t.Errorf("id = %d after %d, want a higher one", second.ID, first.ID)
	}
	if second.Text != "buy milk" {
		t.Errorf("text = %q", second.Text)
	}
	_, err := Create(t.Context(), &CreateParams{})
	wantError(t, err, errs.InvalidArgument)
}

func TestCreate_IdempotencyKey(t *testing.T) {
	t.Run("repeated request creates nothing", func(t *testing.T) {
		for _, organization := range []string{"", newOrganization()} {
			person, key := signIn(organization), rand.Text()
			created := mustCreateOnce(t, "buy milk", key)
			if *created.OwnerID != person || (organization == "") != (created.OrganizationID == nil) {
				t.Errorf("todo = %+v", created)
			}
			if again := mustCreateOnce(t, "  buy milk", key); again.ID != created.ID {
				t.Errorf("id = %d, want %d", again.ID, created.ID)
			}
			if ids := allIDs(t, 100); len(ids) != 1 {
				t.Errorf("ids = %v", ids)
			}
		}
	})

	t.Run("repeated request returns the current todo", func(t *testing.T) {
		signIn("")
		key, text := rand.Text(), "buy bread"
		created := mustCreateOnce(t, "buy milk", key)
		if _, err := Edit(t.Context(), created.ID, &EditParams{Version: 1, Text: &text}); err != nil {
			t.Fatal(err)
		}
		if again := mustCreateOnce(t, "buy milk", key); again.ID != created.ID || again.Text != text || again.Version != 2 {
			t.Errorf("got %+v", again)
		}
		// This is the current text, but the key was used for another one.
		_, err := Create(t.Context(), &CreateParams{Text: text, IdempotencyKey: key})
		wantError(t, err, errs.AlreadyExists)
	})

	t.Run("late retry does not bring back a deleted todo", func(t *testing.T) {
		signIn("")
		key := rand.Text()
		created := mustCreateOnce(t, "buy milk", key)
		if err := Delete(t.Context(), created.ID); err != nil {
			t.Fatal(err)
		}
		_, err := Create(t.Context(), &CreateParams{Text: "buy milk", IdempotencyKey: key})
		wantError(t, err, errs.AlreadyExists)
		if ids := allIDs(t, 100); len(ids) != 0 {
			t.Errorf("ids = %v", ids)
		}
	})

	t.Run("another text", func(t *testing.T) {
		signIn("")
		key := rand.Text()
		mustCreateOnce(t, "buy milk", key)
		_, err := Create(t.Context(), &CreateParams{Text: "buy bread", IdempotencyKey: key})
		wantError(t, err, errs.AlreadyExists)
		if ids := allIDs(t, 100); len(ids) != 1 {
			t.Errorf("ids = %v", ids)
		}
	})

	t.Run("same key on other lists and by other people", func(t *testing.T) {
		key, organization, ids := rand.Text(), newOrganization(), map[int64]bool{}
		person := signIn("")
		ids[mustCreateOnce(t, "x", key).ID] = true
		signInAs(person, organization)
		created := mustCreateOnce(t, "x", key).ID
		if again := mustCreateOnce(t, "x", key).ID; again != created {
			t.Errorf("id = %d, want %d", again, created)
		}
		ids[created] = true
		signInAs(person, newOrganization())
		ids[mustCreateOnce(t, "x", key).ID] = true
		signIn(organization)
		ids[mustCreateOnce(t, "x", key).ID] = true
		signIn("")
		ids[mustCreateOnce(t, "x", key).ID] = true
		if len(ids) != 5 {
			t.Errorf("ids = %v", ids)
		}
	})

	t.Run("concurrent requests create one todo", func(t *testing.T) {
		signIn("")
		key := rand.Text()
		ids := make([]int64, 20)
		var wg sync.WaitGroup
		for i := range ids {
			wg.Go(func() {
				todo, err := Create(t.Context(), &CreateParams{Text: "buy milk", IdempotencyKey: key})
				if err != nil {
					t.Error(err)
					return
				}
				ids[i] = todo.ID
			})
		}
		wg.Wait()
		if slices.Min(ids) != slices.Max(ids) || len(allIDs(t, 100)) != 1 {
			t.Errorf("ids = %v, list = %v, want a single id", ids, allIDs(t, 100))
		}
	})

	t.Run("ErrInvalidArgument", func(t *testing.T) {
		signIn("")
		for _, key := range []string{" ", "a key", "tab\t", "é", "\x7f", strings.Repeat("x", 256)} {
			_, err := Create(t.Context(), &CreateParams{Text: "buy milk", IdempotencyKey: key})
			wantError(t, err, errs.InvalidArgument)
		}
		mustCreateOnce(t, "buy milk", strings.Repeat("~", 255))
	})
}

// TestCreate_DeletesOldKeys checks that each use of a key deletes some old ones.
func TestCreate_DeletesOldKeys(t *testing.T) {
	person := signIn("")
	count := func() (n int) {
		if err := db.QueryRow(t.Context(), `SELECT count(*) FROM idempotency_keys WHERE user_id = $1`, person).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	age := func(interval string) {
		if _, err := db.Exec(t.Context(), `
			UPDATE idempotency_keys SET created_at = now() - $2::interval WHERE user_id = $1
		`, person, interval); err != nil {
			t.Fatal(err)
		}
	}
	old := rand.Text()
	mustCreateOnce(t, "x", old)
	for range 24 {
		mustCreateOnce(t, "x", rand.Text())
	}

	age("23 hours")
	mustCreateOnce(t, "x", rand.Text())
	if n := count(); n != 26 {
		t.Errorf("%d keys after 23 hours, want 26", n)
	}
	age("10 years") // older than the keys of other tests
	// The key in use is not deleted, even if it is old.
	mustCreateOnce(t, "x", old)
	if n := count(); n != 16 {
		t.Errorf("%d keys, want 16: ten are deleted at a time", n)
	}
	mustCreateOnce(t, "x", rand.Text())
	mustCreateOnce(t, "x", rand.Text())
	if n := count(); n > 3 {
		t.Errorf("%d keys, want at most the 3 just used", n)
	}
}
