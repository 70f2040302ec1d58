package users

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"encore.dev/storage/sqldb"

	"encore.app/users/logto"
)

func mustReadChanges(t *testing.T, after int64) *ChangesResponse {
	t.Helper()
	resp, err := Changes(t.Context(), &ChangesParams{After: after})
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

// only filters by person. Tests of other packages may use the database at the same time.
func (r *ChangesResponse) only(people ...string) (found []string) {
	for _, id := range r.LogtoIDs {
		if slices.Contains(people, id) {
			found = append(found, id)
		}
	}
	return found
}

func newestPosition(t *testing.T) int64 {
	t.Helper()
	return mustReadChanges(t, 0).Position
}

// TestChanges checks that the log has everybody whose access changed, and nobody else.
func TestChanges(t *testing.T) {
	state := func(suspended bool, seconds int) func(string) {
		return func(id string) { mustApply(t, logto.State{ID: id, Suspended: suspended, UpdatedAt: at(seconds)}, nil) }
	}
	seen := func(id string) { mustEnsure(t, id) }
	forgotten := func(id string) { mustForget(t, id) }
	deleted := func(id string) { mustTombstone(t, id) }
	sql := func(statement string) func(string) { return func(id string) { mustExec(t, statement, id) } }
	type steps []func(string)
	for name, tt := range map[string]struct {
		before steps
		step   func(string)
		want   int
	}{
		"suspended":                    {steps{seen}, state(true, 1), 1},
		"reinstated":                   {steps{state(true, 1)}, state(false, 2), 1},
		"deleted":                      {steps{seen}, deleted, 1},
		"forgotten":                    {steps{seen}, forgotten, 1},
		"suspended while forgotten":    {steps{seen, forgotten}, state(true, 1), 1},
		"reinstated while forgotten":   {steps{seen, forgotten, state(true, 1)}, state(false, 2), 1},
		"deleted while forgotten":      {steps{seen, forgotten}, deleted, 1},
		"suspended by hand":            {steps{seen}, sql(`UPDATE users SET suspended = TRUE WHERE logto_id = $1`), 1},
		"deleted by hand":              {steps{seen}, sql(`DELETE FROM users WHERE logto_id = $1`), 1},
		"created by a call":            {nil, seen, 0},
		"created from Logto":           {nil, state(false, 1), 0},
		"seen":                         {steps{seen, sql(`UPDATE users SET last_seen_at = NULL WHERE logto_id = $1`)}, seen, 0},
		"called again after Forget":    {steps{seen, forgotten}, seen, 0},
		"newer state, still suspended": {steps{seen, state(true, 1)}, state(true, 2), 0},
		"deleted twice":                {steps{seen, deleted}, deleted, 0},
		"state of a deleted person":    {steps{seen, deleted}, state(true, 1), 0},
	} {
		t.Run(name, func(t *testing.T) {
			id := rand.Text()
			for _, step := range tt.before {
				step(id)
			}
			from := newestPosition(t)
			tt.step(id)
			if got := mustReadChanges(t, from); got.Missed || !slices.Equal(got.only(id), slices.Repeat([]string{id}, tt.want)) {
				t.Errorf("changes = %+v, want %d of %s", got, tt.want, id)
			}
		})
	}
}

func TestChanges_Missed(t *testing.T) {
	newest := newestPosition(t)
	if got := mustReadChanges(t, newest); got.Missed || got.Position < newest {
		t.Errorf("after the newest: %+v", got)
	}
	for name, after := range map[string]int64{"beginning": 0, "in the future": newest + 1000, "negative": -1} {
		if got := mustReadChanges(t, after); !got.Missed || got.Position < newest || got.LogtoIDs != nil {
			t.Errorf("%s: %+v", name, got)
		}
	}

	id := rand.Text()
	mustEnsure(t, id)
	mustApply(t, logto.State{ID: id, Suspended: true, UpdatedAt: at(1)}, nil)
	suspended := newestPosition(t)
	mustExec(t, `UPDATE changes SET changed_at = now() - INTERVAL '61 minutes'`)
	mustApply(t, logto.State{ID: id, UpdatedAt: at(2)}, nil)
	if err := deleteOldChanges(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := mustReadChanges(t, newest); !got.Missed {
		t.Errorf("after a deleted change: %+v, want Missed", got)
	}
	if got := mustReadChanges(t, suspended); got.Missed || !slices.Equal(got.only(id), []string{id}) {
		t.Errorf("after the newest of the old changes: %+v", got)
	}
}

func TestChanges_More(t *testing.T) {
	from := newestPosition(t)
	id := rand.Text()
	mustExec(t, `INSERT INTO changes (logto_id, changed_at) SELECT $1, now() FROM generate_series(1, 2500)`, id)
	total := 0
	for more := true; more; {
		got := mustReadChanges(t, from)
		if got.Missed || len(got.LogtoIDs) > maxChanges || got.More != (len(got.LogtoIDs) == maxChanges) {
			t.Errorf("%d changes, more: %t, missed: %t", len(got.LogtoIDs), got.More, got.Missed)
		}
		from, more = got.Position, got.More
		total += len(got.only(id))
	}
	if total != 2500 {
		t.Errorf("%d changes, want 2500", total)
	}
}

func TestChanges_Order(t *testing.T) {
	early, late := rand.Text(), rand.Text()
	mustEnsure(t, early)
	mustEnsure(t, late)
	from := newestPosition(t)

	slow, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Rollback()
	for _, statement := range []string{
		`SET CONSTRAINTS ALL IMMEDIATE`, // like a slow commit
		fmt.Sprintf(`UPDATE users SET suspended = TRUE WHERE logto_id = '%s'`, early),
	} {
		if _, err := slow.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	committed := make(chan error, 1)
	go func() {
		committed <- inTransaction(t.Context(), func(tx *sqldb.Tx) ([]string, error) {
			return tombstone(t.Context(), tx, late)
		})
	}()
	for !exists(t, `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`) {
		select {
		case err := <-committed:
			t.Fatalf("the second change was committed before the first one, err = %v", err)
		case <-time.After(time.Millisecond):
		}
	}
	if got := mustReadChanges(t, from); got.only(early, late) != nil {
		t.Errorf("changes = %+v before the commit", got)
	}
	if err := slow.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := <-committed; err != nil {
		t.Fatal(err)
	}
	if got := mustReadChanges(t, from); !slices.Equal(got.only(early, late), []string{early, late}) {
		t.Errorf("changes = %v, want %s and %s", got.LogtoIDs, early, late)
	}
}

func TestChanges_Concurrent(t *testing.T) {
	const writers, changes = 8, 25
	from := newestPosition(t)
	var ids []string
	var writing sync.WaitGroup
	for range writers {
		id := rand.Text()
		ids = append(ids, id)
		mustEnsure(t, id)
		writing.Go(func() {
			for i := range changes {
				mustApply(t, logto.State{ID: id, Suspended: i%2 == 0, UpdatedAt: at(i)}, nil)
			}
		})
	}
	seen := make(map[string]int)
	for total := 0; total < writers*changes; {
		got, err := Changes(t.Context(), &ChangesParams{After: from, WaitMilliseconds: 1000})
		if err != nil {
			t.Fatal(err)
		}
		if got.Missed {
			t.Fatalf("changes after %d were missed", from)
		}
		for _, id := range got.only(ids...) {
			seen[id]++
			total++
		}
		from = got.Position
	}
	writing.Wait()
	for _, id := range ids {
		if seen[id] != changes {
			t.Errorf("saw %d changes of %s, want %d", seen[id], id, changes)
		}
	}
}

func TestChanges_Wake(t *testing.T) {
	id := rand.Text()
	mustEnsure(t, id)
	from := newestPosition(t)
	answer := make(chan *ChangesResponse)
	go func() {
		resp, err := Changes(t.Context(), &ChangesParams{After: from, WaitMilliseconds: int(maxChangesWait.Milliseconds())})
		if err != nil {
			t.Error(err)
		}
		answer <- resp
	}()
	for reading := false; !reading; {
		readers.mu.Lock()
		reading = readers.current.readers == 1
		readers.mu.Unlock()
	}
	mustForget(t, id)
	if got := <-answer; !slices.Equal(got.only(id), []string{id}) {
		t.Errorf("changes = %+v", got)
	}
}

func TestReaderRounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &readerRounds{current: newReaderRound(0)}
		var woken context.Context
		wake := func() {
			var done context.CancelFunc
			woken, done = context.WithCancel(t.Context())
			go func() {
				r.wake()
				done()
			}()
			synctest.Wait()
		}
		wantWoken := func(want bool) {
			t.Helper()
			if got := woken.Err() != nil; got != want {
				t.Errorf("wake returned: %t, want %t", got, want)
			}
		}
		wake()
		wantWoken(true) // no readers

		one, two, gone := r.join(), r.join(), r.join()
		r.leave(gone) // before wake
		wake()
		<-one.ended
		<-two.ended
		r.leave(one)
		r.join()
		synctest.Wait()
		wantWoken(false)
		r.leave(two)
		r.join()
		synctest.Wait()
		wantWoken(true)

		wake()
		wantWoken(false) // the readers don't call again
		time.Sleep(wakeTimeout)
		synctest.Wait()
		wantWoken(true)
	})
}
