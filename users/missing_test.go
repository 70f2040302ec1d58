package users

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"encore.dev/beta/errs"
)

// people adds so many people to a Logto and syncs with it.
func people(t *testing.T, n int) *fakeLogto {
	t.Helper()
	emptyTables(t)
	f := newFakeLogto(t)
	for i := range n {
		f.add(fmt.Sprintf("p%03d", i), i)
	}
	mustSync(t, f)
	return f
}

// askedForOne counts the questions about single people.
func (f *fakeLogto) askedForOne() (n int) {
	for _, path := range f.asked {
		if strings.HasPrefix(path, "/api/users/") {
			n++
		}
	}
	return n
}

// TestSync_ManyMissing: if many people are gone at once, something is wrong with
// Logto, and deleted is for ever.
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
			f := people(t, tt.known)
			for i := range tt.gone {
				delete(f.people, fmt.Sprintf("p%03d", i))
			}
			f.add("new", 1000)
			if tt.deletes {
				if got := mustSync(t, f); got != (SyncResponse{Seen: tt.known - tt.gone + 1, Changed: 1, Deleted: tt.gone}) {
					t.Errorf("response = %+v", got)
				}
				wantFollowed(t, f)
				return
			}

			f.asked = nil
			_, err := runSync(t.Context(), f.api())
			wantError(t, err, errs.FailedPrecondition)
			if exists(t, `SELECT FROM users WHERE deleted_at IS NOT NULL`) {
				t.Error("somebody was deleted")
			}
			if n := f.askedForOne(); n > 0 {
				t.Errorf("asked for %d people one by one, though the list says enough", n)
			}
			if findRow(t, "new") == nil {
				t.Error("what is new was not taken")
			}

			allowDeletions(t)
			if got := mustSync(t, f); got.Deleted != tt.gone {
				t.Errorf("response = %+v", got)
			}
			wantFollowed(t, f)
			if exists(t, `SELECT FROM syncs WHERE many_deletions`) {
				t.Error("the next sync may delete everybody, too")
			}
		})
	}
}

// TestSync_Unlisted: those whom Logto's pages leave out are not taken for missing, so
// they neither stop a sync nor let it delete more.
func TestSync_Unlisted(t *testing.T) {
	for _, tt := range []struct {
		gone, unlisted, unknown int // of the unlisted, those who have no row here
		deletes                 bool
	}{
		{0, 100, 0, true},
		{20, 100, 0, true},
		{21, 100, 0, false},
		{20, 130, 30, true},
		{21, 130, 30, false},
	} {
		t.Run(fmt.Sprintf("%d gone, %d unlisted, %d unknown", tt.gone, tt.unlisted, tt.unknown), func(t *testing.T) {
			f := people(t, 150)
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
			f.leaveOut(unlisted...)
			_, err := syncWith(t.Context(), f.api())
			if many := new(manyMissing); errors.As(err, &many) == tt.deletes || tt.deletes && err != nil {
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

// TestSync_ErrFailedPrecondition: without a secret nothing is done, and whoever asks for
// a sync is told so. It is no error of the cron job.
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

// TestSync_FailsSoon: whoever starts a sync learns soon that Logto is away, and
// the log says why.
func TestSync_FailsSoon(t *testing.T) {
	f := newFakeLogto(t)
	api := f.api()
	f.Close()
	if _, err := syncWith(t.Context(), api); err == nil || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("err = %v", err)
	}
}
