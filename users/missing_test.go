package users

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"encore.dev/beta/errs"
)

func syncedLogto(t *testing.T, n int) *fakeLogto {
	t.Helper()
	emptyTables(t)
	f := newFakeLogto(t)
	for i := range n {
		f.add(fmt.Sprintf("p%03d", i), i)
	}
	mustSync(t, f)
	return f
}

func (f *fakeLogto) countLookups() (n int) {
	for _, path := range f.requests {
		if strings.HasPrefix(path, "/api/users/") {
			n++
		}
	}
	return n
}

// TestSync_ManyMissing checks that a sync deletes nobody if too many people are missing.
func TestSync_ManyMissing(t *testing.T) {
	for _, tt := range []struct {
		known, gone int
		deletes     bool
	}{
		{20, 20, true},
		{21, 21, false},
		{100, 20, true},
		{100, 21, false},
		{300, 30, true},
		{300, 31, false},
		{300, 300, false},
	} {
		t.Run(fmt.Sprintf("%d of %d", tt.gone, tt.known), func(t *testing.T) {
			f := syncedLogto(t, tt.known)
			for i := range tt.gone {
				delete(f.people, fmt.Sprintf("p%03d", i))
			}
			f.add("new", 1000)
			if tt.deletes {
				if got := mustSync(t, f); got != (SyncResponse{Seen: tt.known - tt.gone + 1, Changed: 1, Deleted: tt.gone}) {
					t.Errorf("response = %+v", got)
				}
				wantSynced(t, f)
				return
			}

			f.requests = nil
			_, err := runSync(t.Context(), f.api())
			wantError(t, err, errs.FailedPrecondition)
			if exists(t, `SELECT FROM users WHERE deleted_at IS NOT NULL`) {
				t.Error("somebody was deleted")
			}
			if n := f.countLookups(); n > 0 {
				t.Errorf("%d people were looked up, though the list already shows that too many are missing", n)
			}
			if findRow(t, "new") == nil {
				t.Error("the new person was not added")
			}

			allowDeletions(t)
			if got := mustSync(t, f); got.Deleted != tt.gone {
				t.Errorf("response = %+v", got)
			}
			wantSynced(t, f)
			if exists(t, `SELECT FROM syncs WHERE many_deletions`) {
				t.Error("the next sync may also delete everybody")
			}
		})
	}
}

// TestSync_Unlisted checks that people left out of the pages don't count as missing.
func TestSync_Unlisted(t *testing.T) {
	for _, tt := range []struct {
		gone, unlisted, unknown int // unknown: the unlisted who have no row
		deletes                 bool
	}{
		{0, 100, 0, true},
		{20, 100, 0, true},
		{21, 100, 0, false},
		{20, 130, 30, true},
		{21, 130, 30, false},
	} {
		t.Run(fmt.Sprintf("%d gone, %d unlisted, %d unknown", tt.gone, tt.unlisted, tt.unknown), func(t *testing.T) {
			f := syncedLogto(t, 150)
			for i := range tt.gone {
				delete(f.people, fmt.Sprintf("p%03d", i))
			}
			var unlisted []string
			for i := range tt.unlisted {
				id := fmt.Sprintf("p%03d", 150+tt.unknown-1-i)
				if unlisted = append(unlisted, id); f.people[id] == nil {
					f.add(id, 1000)
				}
			}
			f.hideFromList(unlisted...)
			_, err := syncWith(t.Context(), f.api())
			if many := new(tooManyMissing); errors.As(err, &many) == tt.deletes || tt.deletes && err != nil {
				t.Fatalf("err = %v", err)
			}
			for i := range 150 {
				id := fmt.Sprintf("p%03d", i)
				if want := tt.deletes && i < tt.gone; findRow(t, id).deleted != want {
					t.Errorf("%s was deleted: %t, want %t", id, !want, want)
				}
			}
		})
	}
}

func TestSync_ErrFailedPrecondition(t *testing.T) {
	own := secrets.LogtoManagementSecret
	t.Cleanup(func() { secrets.LogtoManagementSecret = own })
	secrets.LogtoManagementSecret = ""
	_, err := Sync(t.Context())
	wantError(t, err, errs.FailedPrecondition)
	if e := err.(*errs.Error); !strings.Contains(e.Message, "nothing was done") || !strings.Contains(e.Message, "LogtoManagementSecret") {
		t.Errorf("message = %q", e.Message)
	}
	if err := SyncDaily(t.Context()); err != nil {
		t.Errorf("err = %v", err)
	}
}

func TestSync_FailsSoon(t *testing.T) {
	f := newFakeLogto(t)
	api := f.api()
	f.Close()
	if _, err := syncWith(t.Context(), api); err == nil || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("err = %v", err)
	}
}
