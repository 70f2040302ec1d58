package users

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"sync"
	"testing"

	"encore.dev/beta/auth"
	"encore.dev/beta/errs"
	"encore.dev/et"

	"encore.app/internal/fault"
)

func exists(t *testing.T, query string, args ...any) (found bool) {
	t.Helper()
	if err := db.QueryRow(t.Context(), "SELECT EXISTS ("+query+")", args...).Scan(&found); err != nil {
		t.Fatal(err)
	}
	return found
}

func mustExec(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := db.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

// skipForgetInterval lets the person be forgotten again immediately.
func skipForgetInterval(t *testing.T, logtoID string) {
	t.Helper()
	mustExec(t, `UPDATE users SET forgotten_at = forgotten_at - INTERVAL '1 hour' WHERE logto_id = $1`, logtoID)
}

func mustForget(t *testing.T, logtoID string) int64 {
	t.Helper()
	skipForgetInterval(t, logtoID)
	id, err := forget(t.Context(), logtoID)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestForget(t *testing.T) {
	t.Run("row is deleted, next call creates another", func(t *testing.T) {
		person := rand.Text()
		name := "Alice"
		first, err := Ensure(t.Context(), &EnsureParams{LogtoID: person, Name: &name, IssuedAt: at(0)})
		if err != nil {
			t.Fatal(err)
		}
		et.OverrideAuthInfo(auth.UID(person), nil)
		if err := Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		if exists(t, `SELECT FROM users WHERE logto_id = $1`, person) {
			t.Error("the row was not deleted")
		}
		_, err = Me(t.Context())
		wantError(t, err, errs.NotFound)
		again := mustEnsure(t, person)
		if again == first.ID {
			t.Error("the new row has the old id")
		}
		if got := profile(t, person); got != ([5]string{"-", "-", "-", "-", "-"}) {
			t.Errorf("profile = %q", got)
		}
		if exists(t, `SELECT FROM forgotten WHERE logto_id = $1`, person) {
			t.Error("the person is still marked as forgotten")
		}
		if !exists(t, `SELECT FROM deletions WHERE user_id = $1`, first.ID) {
			t.Error("no deletion is queued")
		}
	})

	t.Run("second call does nothing", func(t *testing.T) {
		person := rand.Text()
		mustEnsure(t, person)
		et.OverrideAuthInfo(auth.UID(person), nil)
		for range 2 {
			if err := Forget(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	})

	t.Run("concurrent calls delete once", func(t *testing.T) {
		person := rand.Text()
		id := mustEnsure(t, person)
		ids := make([]int64, 10)
		var wg sync.WaitGroup
		for i := range ids {
			wg.Go(func() {
				var err error
				if ids[i], err = forget(t.Context(), person); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		slices.Sort(ids)
		if ids[8] != 0 || ids[9] != id {
			t.Errorf("deleted ids = %v, want only %d", ids, id)
		}
	})

	t.Run("outbox is woken", func(t *testing.T) {
		person := rand.Text()
		mustEnsure(t, person)
		for len(deletions.wakeup) > 0 {
			<-deletions.wakeup
		}
		mustForget(t, person)
		if len(deletions.wakeup) == 0 {
			t.Error("the outbox was not woken")
		}
	})

	t.Run("ErrResourceExhausted", func(t *testing.T) {
		person := rand.Text()
		mustEnsure(t, person)
		et.OverrideAuthInfo(auth.UID(person), nil)
		if err := Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		countDeletions := func() (n int) {
			if err := db.QueryRow(t.Context(), `SELECT count(*) FROM deletions`).Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		deleted := countDeletions()
		id := mustEnsure(t, person)
		for range 3 {
			err := Forget(t.Context())
			wantError(t, err, errs.ResourceExhausted)
			if wait, ok := errs.Details(err).(fault.RetryAfter); !ok || wait.RetryAfter < 50 || wait.RetryAfter > 60 {
				t.Errorf("details = %+v", errs.Details(err))
			}
			if again := mustEnsure(t, person); again != id {
				t.Errorf("id = %d, want %d", again, id)
			}
		}
		if n := countDeletions(); n != deleted {
			t.Errorf("%d deletions are queued, before: %d", n, deleted)
		}
		mustExec(t, `UPDATE users SET forgotten_at = now() - INTERVAL '61 seconds' WHERE logto_id = $1`, person)
		if err := Forget(t.Context()); err != nil {
			t.Error(err)
		}
	})

	t.Run("ErrPermissionDenied", func(t *testing.T) {
		person := rand.Text()
		mustEnsure(t, person)
		mustExec(t, `UPDATE users SET suspended = TRUE WHERE logto_id = $1`, person)
		et.OverrideAuthInfo(auth.UID(person), nil)
		wantError(t, Forget(t.Context()), errs.PermissionDenied)
		if !exists(t, `SELECT FROM users WHERE logto_id = $1 AND suspended`, person) {
			t.Error("the row was deleted")
		}
	})

	t.Run("ErrUnauthenticated", func(t *testing.T) {
		person := rand.Text()
		mustEnsure(t, person)
		mustExec(t, `UPDATE users SET deleted_at = now() WHERE logto_id = $1`, person)
		et.OverrideAuthInfo(auth.UID(person), nil)
		wantError(t, Forget(t.Context()), errs.Unauthenticated)
	})
}

// TestForget_RacingEnsure checks that ids are never reused and all deletions are queued.
func TestForget_RacingEnsure(t *testing.T) {
	person := rand.Text()
	var mu sync.Mutex
	gone := map[int64]bool{mustEnsure(t, person): false}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 25 {
				resp, err := Ensure(t.Context(), &EnsureParams{LogtoID: person})
				if err != nil {
					t.Error(err)
				} else if resp.ID == 0 || resp.Suspended || resp.Deleted {
					t.Errorf("response = %+v, want access", resp)
				}
			}
		})
		wg.Go(func() {
			for range 25 {
				skipForgetInterval(t, person)
				id, err := forget(t.Context(), person)
				if err != nil && errs.Code(err) != errs.ResourceExhausted {
					t.Error(err)
				}
				mu.Lock()
				if id != 0 && gone[id] {
					t.Errorf("%d was forgotten twice", id)
				}
				gone[id] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	id := mustEnsure(t, person)
	if gone[id] {
		t.Errorf("id %d was reused", id)
	}
	for old := range gone {
		if old != 0 && old != id && !exists(t, `SELECT FROM deletions WHERE user_id = $1`, old) {
			t.Errorf("no deletion of %d is queued", old)
		}
	}
}

func TestEnsure_Forgotten(t *testing.T) {
	for column, want := range map[string]EnsureResponse{
		"suspended = TRUE":   {Suspended: true},
		"deleted_at = now()": {Deleted: true},
	} {
		t.Run(column, func(t *testing.T) {
			person := rand.Text()
			mustEnsure(t, person)
			mustForget(t, person)
			mustExec(t, `UPDATE forgotten SET `+column+` WHERE logto_id = $1`, person)
			got, err := Ensure(t.Context(), &EnsureParams{LogtoID: person})
			if err != nil {
				t.Fatal(err)
			}
			if *got != want {
				t.Errorf("response = %+v, want %+v", *got, want)
			}
			if exists(t, `SELECT FROM users WHERE logto_id = $1`, person) {
				t.Error("a row was created")
			}
			mustExec(t, `UPDATE forgotten SET suspended = FALSE, deleted_at = NULL WHERE logto_id = $1`, person)
			if id := mustEnsure(t, person); id == 0 {
				t.Error("no row was created after the person was reinstated")
			}
		})
	}
}

func TestEnsure_LockedOut(t *testing.T) {
	for column, want := range map[string]EnsureResponse{
		"suspended = TRUE":   {Suspended: true},
		"deleted_at = now()": {Deleted: true},
	} {
		t.Run(column, func(t *testing.T) {
			person, name := rand.Text(), "Alice"
			want.ID = mustEnsure(t, person)
			mustExec(t, `UPDATE users SET last_seen_at = now() - INTERVAL '1 hour', `+column+` WHERE logto_id = $1`, person)
			before := rowVersion(t, person)
			got, err := Ensure(t.Context(), &EnsureParams{LogtoID: person, Name: &name, IssuedAt: at(0)})
			if err != nil {
				t.Fatal(err)
			}
			if *got != want {
				t.Errorf("response = %+v, want %+v", *got, want)
			}
			if rowVersion(t, person) != before {
				t.Error("the row was written")
			}
		})
	}
}

// TestOutbox checks that a failed event is published later, by one instance, and once more.
func TestOutbox(t *testing.T) {
	id := func() int64 {
		person := rand.Text()
		mustEnsure(t, person)
		return mustForget(t, person)
	}()
	due := func() {
		t.Helper()
		mustExec(t, `UPDATE deletions SET due_at = CASE WHEN user_id = $1 THEN now() ELSE now() + INTERVAL '1 hour' END`, id)
	}
	var published []int64
	down := errors.New("down")
	var answer error
	o := outbox{publish: func(_ context.Context, event *DeletedEvent) error {
		if answer == nil {
			published = append(published, event.UserID)
		}
		return answer
	}}

	due()
	answer = down
	if err := o.sendDue(t.Context()); !errors.Is(err, down) {
		t.Errorf("err = %v, want %v", err, down)
	}
	answer = nil
	if err := o.sendDue(t.Context()); err != nil || published != nil {
		t.Errorf("published %v while the lease was valid, err = %v", published, err)
	}

	due()
	var wg sync.WaitGroup
	for range 8 { // instances
		wg.Go(func() {
			if err := o.sendDue(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if !slices.Equal(published, []int64{id}) {
		t.Fatalf("published %v, want %d once", published, id)
	}

	due()
	for range 2 {
		if err := o.sendDue(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(published, []int64{id, id}) {
		t.Errorf("published %v, want %d once more", published, id)
	}
	if exists(t, `SELECT FROM deletions WHERE user_id = $1`, id) {
		t.Error("a third publication is queued")
	}
}

// TestOutbox_LeaseExpired: the event is published twice because the first lease expired.
func TestOutbox_LeaseExpired(t *testing.T) {
	person := rand.Text()
	mustEnsure(t, person)
	id := mustForget(t, person)
	due := func() {
		mustExec(t, `UPDATE deletions SET due_at = CASE WHEN user_id = $1 THEN now() ELSE now() + INTERVAL '1 hour' END`, id)
	}
	times := 0
	other := outbox{publish: func(context.Context, *DeletedEvent) error {
		times++
		return nil
	}}
	slow := outbox{publish: func(ctx context.Context, _ *DeletedEvent) error {
		times++
		due()
		return other.sendDue(ctx)
	}}

	due()
	if err := slow.sendDue(t.Context()); err != nil || times != 2 {
		t.Fatalf("published %d times, err = %v", times, err)
	}
	if !exists(t, `SELECT FROM deletions WHERE user_id = $1 AND published AND due_at > now() + INTERVAL '30 seconds'`, id) {
		t.Error("no later publication is queued")
	}
}
