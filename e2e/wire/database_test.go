package wire

import (
	"crypto/rand"
	"reflect"
	"testing"

	"encore.app/e2e/backend"
)

// sqlError is an error of the database, as a service sees it.
type sqlError struct {
	Code string
	SQL  string
	Rows bool
}

func TestTransaction(t *testing.T) {
	const (
		committed  = true
		rolledBack = false
	)
	for _, test := range []struct {
		end   string
		error sqlError
		kept  bool
	}{
		{"commit", sqlError{"ok", "other", true}, committed},
		{"rollback", sqlError{"ok", "other", true}, rolledBack},
		{"commit-twice", sqlError{"internal", "other", true}, committed},
		{"rollback-after-commit", sqlError{"internal", "other", true}, committed},
		{"duplicate", sqlError{"unavailable", "unique_violation", true}, rolledBack},
		{"commit-after-error", sqlError{"internal", "other", true}, rolledBack},
		{"use-after-error", sqlError{"unavailable", "transaction_failed", true}, rolledBack},
	} {
		t.Run(test.end, func(t *testing.T) {
			b, prefix := probe(t), rand.Text()
			a := b.Do(t, backend.Request{Method: "POST", Path: "/transaction/" + prefix + "/" + test.end})
			if got := backend.JSON[sqlError](t, a); got != test.error {
				t.Errorf("error %+v, want %+v", got, test.error)
			}
			want := []string{}
			if test.kept {
				want = []string{prefix + "1", prefix + "2"}
			}
			visitors := backend.JSON[struct{ Names []string }](t, b.Get(t, "/visitors/"+prefix, ""))
			if !reflect.DeepEqual(visitors.Names, want) {
				t.Errorf("there are %q, want %q", visitors.Names, want)
			}
		})
	}
}

// The errors of Rows are the driver's own: they have no code.
func TestStatementError(t *testing.T) {
	for kind, want := range map[string]sqlError{
		"null":          {"unavailable", "not_null_violation", true},
		"syntax":        {"unavailable", "other", true},
		"syntax-of-row": {"unavailable", "other", true},
		"none":          {"not_found", "other", false},
		"other-type":    {"unavailable", "other", true},
		"cancelled":     {"canceled", "other", true},
		"rows-syntax":   {"unavailable", "other", true},
		"rows-late":     {"unknown", "other", true},
	} {
		t.Run(kind, func(t *testing.T) {
			if got := backend.JSON[sqlError](t, probe(t).Get(t, "/statement/"+kind, "")); got != want {
				t.Errorf("error %+v, want %+v", got, want)
			}
		})
	}
}
