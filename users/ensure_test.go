package users

import (
	"crypto/rand"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"encore.app/users/logto"
)

func mustEnsure(t *testing.T, logtoID string) int64 {
	t.Helper()
	resp, err := Ensure(t.Context(), &EnsureParams{LogtoID: logtoID})
	if err != nil {
		t.Fatal(err)
	}
	return resp.ID
}

// rowVersion returns the id of the transaction that last wrote the person's row.
func rowVersion(t *testing.T, logtoID string) (version string) {
	t.Helper()
	if err := db.QueryRow(t.Context(), `SELECT xmin::text FROM users WHERE logto_id = $1`, logtoID).Scan(&version); err != nil {
		t.Fatal(err)
	}
	return version
}

func TestEnsure(t *testing.T) {
	t.Run("same person, same id", func(t *testing.T) {
		alice, bob := rand.Text(), rand.Text()
		id := mustEnsure(t, alice)
		if again := mustEnsure(t, alice); again != id {
			t.Errorf("second id = %d, first = %d", again, id)
		}
		if other := mustEnsure(t, bob); other == id {
			t.Errorf("two people have the id %d", id)
		}
	})

	t.Run("second call within a minute writes nothing", func(t *testing.T) {
		person := rand.Text()
		mustEnsure(t, person)
		before := rowVersion(t, person)
		mustEnsure(t, person)
		if after := rowVersion(t, person); after != before {
			t.Error("the row was written again")
		}
	})

	t.Run("later call updates last_seen_at", func(t *testing.T) {
		person := rand.Text()
		id := mustEnsure(t, person)
		if _, err := db.Exec(t.Context(), `UPDATE users SET last_seen_at = now() - INTERVAL '61 seconds' WHERE id = $1`, id); err != nil {
			t.Fatal(err)
		}
		if again := mustEnsure(t, person); again != id {
			t.Errorf("second id = %d, first = %d", again, id)
		}
		if next := mustEnsure(t, rand.Text()); next != id+1 {
			t.Errorf("next person's id = %d after %d: updating last_seen_at used up an id", next, id)
		}
		var recent bool
		if err := db.QueryRow(t.Context(), `SELECT last_seen_at > now() - INTERVAL '10 seconds' FROM users WHERE id = $1`, id).Scan(&recent); err != nil {
			t.Fatal(err)
		}
		if !recent {
			t.Error("last_seen_at was not updated")
		}
	})

	t.Run("concurrent first calls create one row", func(t *testing.T) {
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

func mustFind(t *testing.T, logtoID string) *User {
	t.Helper()
	u := new(User)
	if err := db.QueryRow(t.Context(), `SELECT `+columns+` FROM users WHERE logto_id = $1`, logtoID).Scan(u.fields()...); err != nil {
		t.Fatal(err)
	}
	return u
}

func profile(t *testing.T, logtoID string) [5]string {
	t.Helper()
	u := mustFind(t, logtoID)
	var texts [5]string
	for i, value := range []*string{u.Username, u.Email, u.Phone, u.Name, u.Picture} {
		texts[i] = "-"
		if value != nil {
			texts[i] = *value
		}
	}
	return texts
}

var yesterday = time.Now().Add(-24 * time.Hour).Truncate(time.Second)

// at returns a time in the past. Times with more seconds are later.
func at(seconds int) time.Time { return yesterday.Add(time.Duration(seconds) * time.Second) }

func TestEnsure_Profile(t *testing.T) {
	ensure := func(t *testing.T, p EnsureParams) {
		t.Helper()
		if _, err := Ensure(t.Context(), &p); err != nil {
			t.Fatal(err)
		}
	}
	alice := EnsureParams{
		Username: new("alice"), Email: new("alice@example.com"), Name: new("Alice"), Picture: new("https://pictures.example/alice"),
		IssuedAt: at(0),
	}
	whole := [5]string{"alice", "alice@example.com", "-", "Alice", "https://pictures.example/alice"}
	long := strings.Repeat("é", logto.MaxName)

	tests := []struct {
		name string
		next EnsureParams
		want [5]string
	}{
		{"newer token", EnsureParams{Name: new("Alice Two"), Email: new("two@example.com"), IssuedAt: at(1)},
			[5]string{"alice", "two@example.com", "-", "Alice Two", "https://pictures.example/alice"}},
		{"newer token without claims", EnsureParams{IssuedAt: at(1)}, whole},
		{"empty claim", EnsureParams{Name: new(""), IssuedAt: at(1)}, whole},
		{"older token", EnsureParams{Name: new("Alice Zero"), IssuedAt: at(-1)}, whole},
		{"token of the same second", EnsureParams{Name: new("Alice Zero"), IssuedAt: at(0)}, whole},
		{"token without an issue time", EnsureParams{Name: new("Alice Zero")}, whole},
		{"longest name", EnsureParams{Name: &long, IssuedAt: at(1)},
			[5]string{"alice", "alice@example.com", "-", long, "https://pictures.example/alice"}},
		{"claims that can't be stored",
			EnsureParams{Username: new("a\x00b"), Name: new(long + "é"), Picture: new(strings.Repeat("x", 1<<20)), IssuedAt: at(1)}, whole},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			first, next := alice, tt.next
			first.LogtoID = rand.Text()
			next.LogtoID = first.LogtoID
			ensure(t, first)
			if got := profile(t, first.LogtoID); got != whole {
				t.Fatalf("profile = %q, want %q", got, whole)
			}
			before := mustFind(t, first.LogtoID)
			ensure(t, next)
			if got := profile(t, first.LogtoID); got != tt.want {
				t.Errorf("profile = %q, want %q", got, tt.want)
			}
			if after := mustFind(t, first.LogtoID); after.UpdatedAt.After(before.UpdatedAt) != (tt.want != whole) {
				t.Errorf("updated_at = %v, before: %v", after.UpdatedAt, before.UpdatedAt)
			}
		})
	}

	t.Run("invalid UTF-8", func(t *testing.T) {
		// A call of Ensure would replace the invalid bytes while it encodes the parameters.
		p := EnsureParams{Email: new("\xff"), IssuedAt: at(0)}
		if got := p.profile(); got.email != nil || got.claims != nil {
			t.Errorf("profile = %+v", got)
		}
	})

	t.Run("same token again writes nothing", func(t *testing.T) {
		p := alice
		p.LogtoID = rand.Text()
		ensure(t, p)
		before := rowVersion(t, p.LogtoID)
		ensure(t, p)
		if after := rowVersion(t, p.LogtoID); after != before {
			t.Error("the row was written again")
		}
	})

	t.Run("newest of concurrent tokens wins", func(t *testing.T) {
		person := rand.Text()
		mustEnsure(t, person)
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				name := fmt.Sprintf("Alice %d", i)
				if _, err := Ensure(t.Context(), &EnsureParams{LogtoID: person, Name: &name, IssuedAt: at(i)}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got := profile(t, person)[3]; got != "Alice 19" {
			t.Errorf("name = %q, want the newest token's", got)
		}
	})
}
