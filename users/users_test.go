package users

import (
	"context"
	"crypto/rand"
	"strings"
	"sync"
	"testing"

	"encore.dev/beta/auth"
	"encore.dev/beta/errs"
	"encore.dev/et"
)

func mustEnsure(t *testing.T, logtoID string) int64 {
	t.Helper()
	resp, err := Ensure(t.Context(), &EnsureParams{LogtoID: logtoID})
	if err != nil {
		t.Fatal(err)
	}
	return resp.ID
}

// rowVersion tells one version of the person's row from the next: Postgres
// keeps the transaction that wrote it.
func rowVersion(t *testing.T, logtoID string) (version string) {
	t.Helper()
	if err := db.QueryRow(t.Context(), `SELECT xmin::text FROM users WHERE logto_id = $1`, logtoID).Scan(&version); err != nil {
		t.Fatal(err)
	}
	return version
}

func TestEnsure(t *testing.T) {
	t.Run("a person keeps their id", func(t *testing.T) {
		alice, bob := rand.Text(), rand.Text()
		id := mustEnsure(t, alice)
		if again := mustEnsure(t, alice); again != id {
			t.Errorf("second id = %d, first = %d", again, id)
		}
		if other := mustEnsure(t, bob); other == id {
			t.Errorf("two people have the id %d", id)
		}
	})

	t.Run("a call within the minute writes nothing", func(t *testing.T) {
		person := rand.Text()
		mustEnsure(t, person)
		before := rowVersion(t, person)
		mustEnsure(t, person)
		if after := rowVersion(t, person); after != before {
			t.Error("the row was written again")
		}
	})

	t.Run("a later call notes that they were seen", func(t *testing.T) {
		person := rand.Text()
		id := mustEnsure(t, person)
		if _, err := db.Exec(t.Context(), `UPDATE users SET last_seen_at = now() - INTERVAL '61 seconds' WHERE id = $1`, id); err != nil {
			t.Fatal(err)
		}
		if again := mustEnsure(t, person); again != id {
			t.Errorf("second id = %d, first = %d", again, id)
		}
		if next := mustEnsure(t, rand.Text()); next != id+1 {
			t.Errorf("the next person's id is %d after %d: seeing somebody again drew one", next, id)
		}
		var recent bool
		if err := db.QueryRow(t.Context(), `SELECT last_seen_at > now() - INTERVAL '10 seconds' FROM users WHERE id = $1`, id).Scan(&recent); err != nil {
			t.Fatal(err)
		}
		if !recent {
			t.Error("last_seen_at stayed as it was")
		}
	})

	t.Run("first calls in parallel make one row", func(t *testing.T) {
		person := rand.Text()
		ids := make([]int64, 20)
		var wg sync.WaitGroup
		for i := range ids {
			wg.Go(func() {
				resp, err := Ensure(t.Context(), &EnsureParams{LogtoID: person})
				if err != nil {
					t.Error(err)
					return
				}
				ids[i] = resp.ID
			})
		}
		wg.Wait()
		for _, id := range ids {
			if id != ids[0] {
				t.Fatalf("ids = %v", ids)
			}
		}
	})
}

func TestMe(t *testing.T) {
	t.Run("OK", func(t *testing.T) {
		person := rand.Text()
		id := mustEnsure(t, person)
		et.OverrideAuthInfo(auth.UID(person), nil)
		u, err := Me(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if u.ID != id || u.LogtoID != person || u.Email != nil || u.Suspended || u.CreatedAt.IsZero() || u.LastSeenAt.IsZero() {
			t.Errorf("user = %+v", u)
		}
	})

	t.Run("ErrNotFound", func(t *testing.T) {
		et.OverrideAuthInfo(auth.UID(rand.Text()), nil)
		_, err := Me(t.Context())
		wantError(t, err, errs.NotFound)
	})
}

// TestUnavailable: whoever is refused learns nothing of the database.
func TestUnavailable(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	et.OverrideAuthInfo(auth.UID(rand.Text()), nil)
	_, err := Me(ctx)
	wantError(t, err, errs.Unavailable)
	_, err = Ensure(ctx, &EnsureParams{LogtoID: rand.Text()})
	wantError(t, err, errs.Unavailable)
}

func wantError(t *testing.T, err error, code errs.ErrCode) {
	t.Helper()
	e, ok := err.(*errs.Error)
	if !ok || e.Code != code {
		t.Fatalf("err = %v, want %s", err, code)
	}
	for _, inner := range []string{"SELECT", "users", "context", "SQLSTATE"} {
		if strings.Contains(e.ErrorMessage(), inner) {
			t.Errorf("the message %q speaks of the inside", e.ErrorMessage())
		}
	}
}
