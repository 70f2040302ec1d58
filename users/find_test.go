package users

import (
	"crypto/rand"
	"testing"
)

func TestFind(t *testing.T) {
	person, unknown := rand.Text(), rand.Text()
	id := mustEnsure(t, person)
	mustExec(t, `UPDATE users SET last_seen_at = now() - INTERVAL '1 hour' WHERE id = $1`, id)
	want := func(person string, want EnsureResponse) {
		t.Helper()
		if got, err := Find(t.Context(), &FindParams{LogtoID: person}); err != nil || *got != want {
			t.Errorf("response = %+v, err = %v, want %+v", got, err, want)
		}
	}
	before := rowVersion(t, person)
	want(person, EnsureResponse{ID: id})
	if rowVersion(t, person) != before {
		t.Error("the row was written")
	}
	want(unknown, EnsureResponse{})
	if findRow(t, unknown) != nil {
		t.Error("Find created a row")
	}

	mustForget(t, person)
	want(person, EnsureResponse{})
	mustExec(t, `UPDATE forgotten SET suspended = TRUE WHERE logto_id = $1`, person)
	want(person, EnsureResponse{Suspended: true})
	mustExec(t, `UPDATE forgotten SET suspended = FALSE, deleted_at = now() WHERE logto_id = $1`, person)
	want(person, EnsureResponse{Deleted: true})
	if findRow(t, person) != nil || !exists(t, `SELECT FROM forgotten WHERE logto_id = $1`, person) {
		t.Error("Find brought back a forgotten person")
	}

	mustEnsure(t, unknown)
	mustExec(t, `UPDATE users SET suspended = TRUE WHERE logto_id = $1`, unknown)
	want(unknown, EnsureResponse{ID: findRow(t, unknown).id, Suspended: true})
}
