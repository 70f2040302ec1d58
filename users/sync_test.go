package users

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"encore.app/users/logto"
)

func emptyTables(t testing.TB) {
	t.Helper()
	for _, table := range []string{"users", "forgotten", "deletions", "syncs"} {
		if _, err := db.Exec(t.Context(), "DELETE FROM "+table); err != nil {
			t.Fatal(err)
		}
	}
}

func mustSync(t testing.TB, f *fakeLogto) SyncResponse {
	t.Helper()
	resp, err := syncWith(t.Context(), f.api())
	if err != nil {
		t.Fatal(err)
	}
	return *resp
}

func syncsWith(f *fakeLogto) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := runSync(ctx, f.api())
		return err
	}
}

func allowDeletions(t testing.TB) {
	t.Helper()
	if err := allowManyDeletions(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// wantSynced checks that the rows match the people in Logto.
func wantSynced(t testing.TB, f *fakeLogto) {
	t.Helper()
	rows, err := db.Query(t.Context(), `
		SELECT logto_id, COALESCE(username, '-'), COALESCE(email, '-'), COALESCE(phone, '-'), COALESCE(name, '-'), COALESCE(picture, '-'), suspended
		FROM users WHERE deleted_at IS NULL
	`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	count := 0
	for rows.Next() {
		var id string
		var got row
		if err := rows.Scan(&id, &got.username, &got.email, &got.phone, &got.name, &got.picture, &got.suspended); err != nil {
			t.Fatal(err)
		}
		count++
		if p, ok := f.people[id]; !ok {
			t.Errorf("%s has a row but is not in Logto", id)
		} else if got != p.row() {
			t.Errorf("row of %s = %+v, want %+v", id, got, p.row())
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if count != len(f.people) {
		t.Errorf("%d people, want %d", count, len(f.people))
	}
}

func tableVersion(t *testing.T) (text string) {
	t.Helper()
	if err := db.QueryRow(t.Context(), `SELECT COALESCE(md5(string_agg(xmin::text || id, ' ' ORDER BY id)), '') FROM users`).Scan(&text); err != nil {
		t.Fatal(err)
	}
	return text
}

func TestSync(t *testing.T) {
	emptyTables(t)
	f := newFakeLogto(t)
	for i := range 250 {
		f.add(fmt.Sprintf("p%03d", i), i)
	}
	if got := mustSync(t, f); got != (SyncResponse{Seen: 250, Changed: 250}) {
		t.Errorf("first run: %+v", got)
	}
	wantSynced(t, f)
	if findRow(t, "p000").seen {
		t.Error("somebody who never called has last_seen_at")
	}

	before := tableVersion(t)
	if got := mustSync(t, f); got != (SyncResponse{Seen: 250}) {
		t.Errorf("second run: %+v", got)
	}
	if tableVersion(t) != before {
		t.Error("rows were written without a change")
	}

	f.people["p010"].Name, f.people["p010"].UpdatedAt = new("Another"), at(1000).UnixMilli()
	f.people["p020"].IsSuspended, f.people["p020"].UpdatedAt = true, at(1000).UnixMilli()
	// updatedAt goes back if Logto's clock does, or after two concurrent changes.
	f.people["p030"].Name, f.people["p030"].UpdatedAt = new("Yet another"), at(0).UnixMilli()
	delete(f.people, "p040")
	delete(f.people, "p249")
	f.add("new", 2000)
	gone := findRow(t, "p040").id
	if got := mustSync(t, f); got != (SyncResponse{Seen: 249, Changed: 4, Deleted: 2}) {
		t.Errorf("third run: %+v", got)
	}
	wantSynced(t, f)
	if got := findRow(t, "p040"); !got.deleted || got.id != gone || got.name != "-" || got.username != "-" {
		t.Errorf("the deleted person's row = %+v", got)
	}
	if !exists(t, `SELECT FROM deletions WHERE user_id = $1`, gone) {
		t.Error("no deletion is queued")
	}

	f.add("p040", 3000)
	mustSync(t, f)
	if got := findRow(t, "p040"); !got.deleted || got.name != "-" {
		t.Errorf("the deleted person's row = %+v", got)
	}
}

func TestSync_Forgotten(t *testing.T) {
	emptyTables(t)
	f := newFakeLogto(t)
	f.add("p", 0)
	mustSync(t, f)
	mustForget(t, "p")
	f.people["p"].IsSuspended, f.people["p"].UpdatedAt = true, at(10).UnixMilli()
	if got := mustSync(t, f); got != (SyncResponse{Seen: 1, Changed: 1}) {
		t.Errorf("response = %+v", got)
	}
	if findRow(t, "p") != nil {
		t.Error("the person is back")
	}
	if got, err := Ensure(t.Context(), &EnsureParams{LogtoID: "p"}); err != nil || !got.Suspended {
		t.Errorf("response = %+v, err = %v, want suspended", got, err)
	}
	f.people["p"].IsSuspended, f.people["p"].UpdatedAt = false, at(20).UnixMilli()
	mustSync(t, f)
	mustEnsure(t, "p")
	mustSync(t, f)
	wantSynced(t, f)
}

// TestSync_Future checks that a state from the future does not block later states.
func TestSync_Future(t *testing.T) {
	emptyTables(t)
	f := newFakeLogto(t)
	f.add("p", 0).UpdatedAt = time.Now().Add(100 * 24 * time.Hour).UnixMilli()
	mustSync(t, f)
	f.people["p"].Name, f.people["p"].UpdatedAt = new("Later"), time.Now().Add(time.Second).UnixMilli()
	mustSync(t, f)
	wantSynced(t, f)
}

func TestSync_TransientErrors(t *testing.T) {
	times := func(n int, do func(w http.ResponseWriter)) func(string, http.ResponseWriter) bool {
		return func(path string, w http.ResponseWriter) bool {
			if !strings.HasPrefix(path, "/api/users?page=2") || n == 0 {
				return false
			}
			n--
			do(w)
			return true
		}
	}
	for name, trouble := range map[string]func(*fakeLogto) func(string, http.ResponseWriter) bool{
		"too many requests": func(*fakeLogto) func(string, http.ResponseWriter) bool {
			return times(3, func(w http.ResponseWriter) {
				w.Header().Set("Retry-After", "0")
				w.WriteHeader(http.StatusTooManyRequests)
			})
		},
		"server errors": func(*fakeLogto) func(string, http.ResponseWriter) bool {
			return times(3, func(w http.ResponseWriter) { w.WriteHeader(http.StatusBadGateway) })
		},
		"broken connections": func(*fakeLogto) func(string, http.ResponseWriter) bool {
			return times(3, func(http.ResponseWriter) { panic(http.ErrAbortHandler) })
		},
		"an expired token": func(f *fakeLogto) func(string, http.ResponseWriter) bool {
			once := true
			return func(path string, _ http.ResponseWriter) bool {
				if strings.HasPrefix(path, "/api/users?page=2") && once {
					once = false
					f.tokens++
				}
				return false
			}
		},
		"errors at the token endpoint": func(*fakeLogto) func(string, http.ResponseWriter) bool {
			n := 3
			return func(path string, w http.ResponseWriter) bool {
				if n--; path == "/oidc/token" && n >= 0 {
					w.WriteHeader(http.StatusInternalServerError)
					return true
				}
				return false
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			emptyTables(t)
			f := newFakeLogto(t)
			for i := range 250 {
				f.add(fmt.Sprintf("p%03d", i), i)
			}
			f.intercept = trouble(f)
			if got := mustSync(t, f); got != (SyncResponse{Seen: 250, Changed: 250}) {
				t.Errorf("response = %+v", got)
			}
			wantSynced(t, f)
		})
	}
}

func TestSync_Fails(t *testing.T) {
	answer := func(path string, status int, header, body string) func(string, http.ResponseWriter) bool {
		return func(asked string, w http.ResponseWriter) bool {
			if !strings.HasPrefix(asked, path) {
				return false
			}
			if header != "" {
				w.Header().Set("Total-Number", header)
			}
			w.WriteHeader(status)
			fmt.Fprint(w, body)
			return true
		}
	}
	for name, trouble := range map[string]func(string, http.ResponseWriter) bool{
		"down":                       answer("/", 503, "", ""),
		"the wrong secret":           answer("/oidc/token", 401, "", `{"error":"invalid_client"}`),
		"no permission":              answer("/api/users", 403, "", `{"code":"auth.forbidden"}`),
		"every token rejected":       answer("/api/users", 401, "", `{"code":"auth.unauthorized"}`),
		"down on page 2":             answer("/api/users?page=2", 500, "", ""),
		"down on look-up":            answer("/api/users/", 500, "", ""),
		"not an API":                 answer("/api/users", 200, "3", "<html></html>"),
		"not a list":                 answer("/api/users?", 200, "3", `{"users":[]}`),
		"people of another shape":    answer("/api/users?", 200, "3", `[{"id":1}]`),
		"cut off":                    answer("/api/users?page=2", 200, "3", `[{"id":"p001",`),
		"no total":                   answer("/api/users?page=2", 200, "", `[]`),
		"another address":            answer("/api/users/", 404, "", "Not Found"),
		"another 404":                answer("/api/users/", 404, "", `{"code":"request.not_found"}`),
		"another person":             answer("/api/users/", 200, "", `{"id":"p001","isSuspended":true,"updatedAt":1}`),
		"a redirect":                 answer("/api/users?", 302, "", ""),
		"an answer without a person": answer("/api/users/", 200, "", `null`),
	} {
		t.Run(name, func(t *testing.T) {
			emptyTables(t)
			f := newFakeLogto(t)
			for i := range 150 {
				f.add(fmt.Sprintf("p%03d", i), i)
			}
			mustSync(t, f)
			before := tableVersion(t)
			delete(f.people, "p100") // on page 1
			f.intercept = trouble
			if _, err := syncWith(t.Context(), f.api()); err == nil {
				t.Error("the sync returned no error")
			}
			if tableVersion(t) != before {
				t.Error("rows were written")
			}
			f.intercept = nil
			if got := mustSync(t, f); got != (SyncResponse{Seen: 149, Deleted: 1}) {
				t.Errorf("the next run: %+v", got)
			}
			wantSynced(t, f)
		})
	}
}

// TestSync_Stopped cancels a sync at each request. The next run must complete it.
func TestSync_Stopped(t *testing.T) {
	for requests := range 8 {
		t.Run(fmt.Sprint("after ", requests, " requests"), func(t *testing.T) {
			emptyTables(t)
			f := newFakeLogto(t)
			for i := range 350 {
				f.add(fmt.Sprintf("p%03d", i), i)
			}
			mustSync(t, f)
			for i := range 350 {
				switch p := f.people[fmt.Sprintf("p%03d", i)]; i % 100 {
				case 1, 99:
					p.Name, p.UpdatedAt = new("Another"), at(1000).UnixMilli()
				case 50:
					delete(f.people, p.ID)
				}
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			left := requests
			f.intercept = func(string, http.ResponseWriter) bool {
				if left--; left < 0 {
					cancel()
				}
				return false
			}
			if _, err := syncWith(ctx, f.api()); !errors.Is(err, context.Canceled) {
				t.Fatalf("err = %v", err)
			}
			f.intercept = nil
			mustSync(t, f)
			wantSynced(t, f)
		})
	}
}

// TestSync_ListChanges adds and deletes people while the pages are read.
func TestSync_ListChanges(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			random := mathrand.New(mathrand.NewPCG(seed, 1))
			emptyTables(t)
			f := newFakeLogto(t)
			created := 0
			add := func() string {
				created++
				return f.add(fmt.Sprintf("p%04d", created), created).ID
			}
			for range 250 + random.IntN(400) {
				add()
			}
			if seed%2 == 0 { // otherwise all people are new
				mustSync(t, f)
			}
			// Change everybody, to see who was synced.
			always := make(map[string]bool)
			for id, p := range f.people {
				p.Name, p.UpdatedAt = new("Changed"), at(5000).UnixMilli()
				always[id] = true
			}
			remove := func() {
				for id := range f.people { // in random order
					delete(f.people, id)
					delete(always, id)
					return
				}
			}
			changes := 0
			f.intercept = func(path string, _ http.ResponseWriter) bool {
				if !strings.HasPrefix(path, "/api/users?") || changes > 40 {
					return false
				}
				changes++
				for range random.IntN(5) {
					add()
				}
				for range random.IntN(1 + random.IntN(30)) {
					remove()
				}
				return false
			}
			allowDeletions(t)
			mustSync(t, f)
			f.intercept = nil
			for id := range always {
				if got := findRow(t, id); got == nil || got.deleted || got.name != "Changed" {
					t.Errorf("row of %s, who was always there: %+v", id, got)
				}
			}
			for id := range f.people {
				if got := findRow(t, id); got != nil && got.deleted {
					t.Errorf("%s was deleted by mistake", id)
				}
			}
			allowDeletions(t)
			mustSync(t, f)
			wantSynced(t, f)
		})
	}
}

// TestSync_NeverListed: Logto's pages leave out some people who were created at the same time.
func TestSync_NeverListed(t *testing.T) {
	emptyTables(t)
	f := newFakeLogto(t)
	for i := range 10 {
		f.add(fmt.Sprint("p", i), 0)
	}
	known := f.people["p1"]
	delete(f.people, "p2")
	mustSync(t, f)
	unknown := f.add("p2", 0)
	known.Name, known.UpdatedAt = new("Changed"), at(1).UnixMilli()

	f.hideFromList(known.ID, unknown.ID)
	if got, want := mustSync(t, f), (SyncResponse{Seen: 9, Changed: 1}); got != want {
		t.Errorf("response = %+v, want %+v", got, want)
	}
	delete(f.people, "p2") // the sync can't find them
	wantSynced(t, f)
}

func TestSync_OneAtATime(t *testing.T) {
	emptyTables(t)
	f := newFakeLogto(t)
	f.add("p", 0)
	f.intercept = func(path string, _ http.ResponseWriter) bool {
		if strings.HasPrefix(path, "/api/users?") {
			if _, err := syncWith(t.Context(), nil); !errors.Is(err, errSyncing) {
				t.Errorf("the other run: err = %v, want %v", err, errSyncing)
			}
		}
		return false
	}
	if got := mustSync(t, f); got.Seen != 1 {
		t.Errorf("response = %+v", got)
	}
	wantSynced(t, f)
	f.intercept = nil
	mustSync(t, f) // the lease was released
}

// TestSync_HoldsNothing checks that a sync that waits for Logto holds no transaction.
func TestSync_HoldsNothing(t *testing.T) {
	emptyTables(t)
	f := newFakeLogto(t)
	f.add("p", 0)
	f.intercept = func(path string, _ http.ResponseWriter) bool {
		if exists(t, `SELECT FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'`) {
			t.Errorf("%s: a transaction is open", path)
		}
		return false
	}
	mustSync(t, f)
}

func TestSync_LeaseLost(t *testing.T) {
	for path, named := range map[string]string{
		"/oidc/token":       "Name of known",
		"/api/users?page=1": "Name of known",
		"/api/users/gone":   "Changed", // in an earlier step
	} {
		t.Run(path, func(t *testing.T) {
			emptyTables(t)
			f := newFakeLogto(t)
			f.add("known", 0)
			f.add("gone", 1)
			mustSync(t, f)
			f.people["known"].Name, f.people["known"].UpdatedAt = new("Changed"), at(1000).UnixMilli()
			delete(f.people, "gone")
			f.intercept = func(asked string, _ http.ResponseWriter) bool {
				if strings.HasPrefix(asked, path) {
					mustExec(t, `UPDATE syncs SET owner = 'another', leased_until = now() + INTERVAL '1 minute'`)
				}
				return false
			}
			if _, err := syncWith(t.Context(), f.api()); !errors.Is(err, errLeaseLost) {
				t.Errorf("err = %v, want %v", err, errLeaseLost)
			}
			if known, gone := findRow(t, "known"), findRow(t, "gone"); known.name != named || gone.deleted {
				t.Errorf("rows = %+v and %+v", known, gone)
			}
			f.intercept = nil
			if _, err := syncWith(t.Context(), f.api()); !errors.Is(err, errSyncing) {
				t.Errorf("the other sync has lost its lease: err = %v", err)
			}
			mustExec(t, `UPDATE syncs SET leased_until = now()`) // the other sync has died
			mustSync(t, f)
			wantSynced(t, f)
		})
	}
}

func TestSyncIsOverdue(t *testing.T) {
	emptyTables(t)
	f := newFakeLogto(t)
	f.add("p", 0)
	for _, tt := range []struct {
		name, last string
		overdue    bool
	}{
		{"never", `DELETE FROM syncs`, true},
		{"never complete", `UPDATE syncs SET finished_at = NULL`, true},
		{"just now", `UPDATE syncs SET finished_at = now()`, false},
		{"a day ago", `UPDATE syncs SET finished_at = now() - INTERVAL '25 hours'`, false},
		{"too long ago", `UPDATE syncs SET finished_at = now() - INTERVAL '27 hours'`, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			mustExec(t, tt.last)
			if overdue, err := syncIsOverdue(t.Context()); err != nil || overdue != tt.overdue {
				t.Errorf("overdue: %t, err = %v, want %t", overdue, err, tt.overdue)
			}
			mustSync(t, f)
			if overdue, err := syncIsOverdue(t.Context()); err != nil || overdue {
				t.Errorf("overdue after a sync: %t, err = %v", overdue, err)
			}
		})
	}
	t.Run("incomplete sync", func(t *testing.T) {
		mustExec(t, `DELETE FROM syncs`)
		f.intercept = func(string, http.ResponseWriter) bool { panic(http.ErrAbortHandler) }
		if err := syncsWith(f)(t.Context()); err == nil {
			t.Error("the sync succeeded")
		}
		if overdue, err := syncIsOverdue(t.Context()); err != nil || !overdue {
			t.Errorf("overdue: %t, err = %v", overdue, err)
		}
		if exists(t, `SELECT FROM syncs WHERE owner IS NOT NULL`) {
			t.Error("the lease was not released")
		}
	})
}

func TestFetchProfile(t *testing.T) {
	f := newFakeLogto(t)
	api := f.api()
	person := rand.Text()
	mustEnsure(t, person)

	if err := fetchProfile(t.Context(), api, person); !errors.Is(err, logto.ErrNoSuchUser) {
		t.Errorf("err = %v, want %v", err, logto.ErrNoSuchUser)
	}
	if got := findRow(t, person); got.deleted {
		t.Error("a person unknown to Logto was deleted")
	}
	f.add(person, 0)
	if err := fetchProfile(t.Context(), api, person); err != nil {
		t.Fatal(err)
	}
	if got := findRow(t, person); got.name != "Name of "+person || !got.seen {
		t.Errorf("row = %+v", got)
	}
}

// TestFetchProfile_AfterForget checks that a forgotten person who calls again gets the
// current profile, but not an older one.
func TestFetchProfile_AfterForget(t *testing.T) {
	f := newFakeLogto(t)
	api := f.api()
	person := rand.Text()
	p := f.add(person, 0)
	p.UpdatedAt = time.Now().UnixMilli()
	mustEnsure(t, person)
	for range 2 {
		if err := fetchProfile(t.Context(), api, person); err != nil {
			t.Fatal(err)
		}
		if got := findRow(t, person); got.name != "Name of "+person {
			t.Errorf("row = %+v", got)
		}
		mustForget(t, person)
		mustEnsure(t, person)
		mustApply(t, logto.State{ID: person, Name: new("Before"), UpdatedAt: time.UnixMilli(p.UpdatedAt - 1)}, nil)
		if got := findRow(t, person); got.name != "-" {
			t.Errorf("row = %+v, want no older profile", got)
		}
	}
}

func TestNewcomers(t *testing.T) {
	for len(newcomers) > 0 {
		<-newcomers
	}
	person := rand.Text()
	mustEnsure(t, person)
	mustEnsure(t, person)
	if len(newcomers) != 1 || <-newcomers != person {
		t.Error("the new person was not queued exactly once")
	}
	if _, err := Ensure(t.Context(), &EnsureParams{LogtoID: rand.Text(), Name: new("Alice"), IssuedAt: at(0)}); err != nil {
		t.Fatal(err)
	}
	if len(newcomers) != 0 {
		t.Error("a person whose token has a profile was queued")
	}
	// A full queue must not block.
	for range cap(newcomers) + 1 {
		queueNewcomer(person)
	}
	for len(newcomers) > 0 {
		<-newcomers
	}
}
