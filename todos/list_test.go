package todos

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"encore.dev/beta/errs"
	"encore.dev/storage/sqldb"

	"encore.app/internal/cursor"
)

func TestList(t *testing.T) {
	t.Run("nothing", func(t *testing.T) {
		signIn("")
		resp, err := List(t.Context(), &ListParams{})
		if err != nil || resp.Todos == nil || len(resp.Todos) != 0 || resp.NextCursor != "" {
			t.Errorf("got %+v, err = %v", resp, err)
		}
	})

	t.Run("newest first, on pages of any size", func(t *testing.T) {
		for _, organization := range []string{"", newOrganization()} {
			signIn(organization)
			var want []int64
			for range 7 {
				want = append([]int64{mustCreate(t, "x").ID}, want...)
			}
			for _, limit := range []int{1, 2, 6, 7, 8, 100} {
				if got := allIDs(t, limit); !slices.Equal(got, want) {
					t.Errorf("%d a page: ids = %v, want %v", limit, got, want)
				}
			}
		}
	})

	t.Run("20 unless asked for more", func(t *testing.T) {
		signIn("")
		for range 21 {
			mustCreate(t, "x")
		}
		resp, err := List(t.Context(), &ListParams{})
		if err != nil || len(resp.Todos) != 20 || resp.NextCursor == "" {
			t.Errorf("got %+v, err = %v", resp, err)
		}
	})

	t.Run("the open ones, and those that are done", func(t *testing.T) {
		for _, organization := range []string{"", newOrganization()} {
			person := signIn(organization)
			signInAs(person+1, organization) // a colleague, or somebody else
			mustTick(t, mustCreate(t, "x"))
			mustCreate(t, "x")
			want := map[string][]int64{}
			if organization != "" {
				want[stateOpen], want[stateDone] = idsOf(t, stateOpen, 100), idsOf(t, stateDone, 100)
			}
			signInAs(person, organization)
			for i := range 9 {
				todo, state := mustCreate(t, "x"), stateOpen
				if i%3 == 0 {
					mustTick(t, todo)
					state = stateDone
				}
				want[state] = append([]int64{todo.ID}, want[state]...)
			}
			for state, want := range want {
				for _, limit := range []int{1, 2, len(want), 100} {
					if got := idsOf(t, state, limit); !slices.Equal(got, want) {
						t.Errorf("%s, %d a page: ids = %v, want %v", state, limit, got, want)
					}
				}
			}
		}
	})

	// What is deleted or made meanwhile moves no page.
	t.Run("changes between pages", func(t *testing.T) {
		signIn("")
		oldest, older, old, recent := mustCreate(t, "x"), mustCreate(t, "x"), mustCreate(t, "x"), mustCreate(t, "x")
		first, err := List(t.Context(), &ListParams{Limit: 2})
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range []int64{recent.ID, old.ID} {
			if err := Delete(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
		mustCreate(t, "newest")
		second, err := List(t.Context(), &ListParams{Limit: 2, Cursor: first.NextCursor})
		if err != nil {
			t.Fatal(err)
		}
		if len(second.Todos) != 2 || second.Todos[0].ID != older.ID || second.Todos[1].ID != oldest.ID || second.NextCursor != "" {
			t.Errorf("got %+v", second)
		}
	})
}

func TestList_Counts(t *testing.T) {
	wantCounts := func(t *testing.T, open, done int) {
		t.Helper()
		for _, state := range []string{"", stateOpen, stateDone} {
			resp, err := List(t.Context(), &ListParams{State: state, Limit: 1})
			if err != nil {
				t.Fatal(err)
			}
			if resp.OpenCount == nil || *resp.OpenCount != open || resp.DoneCount == nil || *resp.DoneCount != done {
				t.Errorf("%q: got %+v, want %d and %d", state, resp, open, done)
			}
		}
	}

	for _, organization := range []string{"", newOrganization()} {
		person := signIn(organization)
		wantCounts(t, 0, 0)
		mustTick(t, mustCreate(t, "x"))
		mustCreate(t, "x")
		mustCreate(t, "x")
		wantCounts(t, 2, 1)

		first, err := List(t.Context(), &ListParams{Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		second, err := List(t.Context(), &ListParams{Limit: 1, Cursor: first.NextCursor})
		if err != nil || second.OpenCount != nil || second.DoneCount != nil {
			t.Errorf("got %+v, err = %v", second, err)
		}

		if _, err := db.Exec(t.Context(), `
			INSERT INTO todos (owner_id, organization_id, text) SELECT $1, NULLIF($2, ''), 'x' FROM generate_series(1, 1000)
		`, person, organization); err != nil {
			t.Fatal(err)
		}
		wantCounts(t, 1000, 1)

		signIn("")
		wantCounts(t, 0, 0)
	}
}

// TestList_Cost: few blocks of the database are read for the counts and for a page,
// whatever is asked for and however deep it lies, with a plan for this call and with
// one for all. A list of this many todos has some 130 blocks.
func TestList_Cost(t *testing.T) {
	const listed, allowed = 10_000, 60
	tx, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	exec := func(sql string, args ...any) {
		t.Helper()
		if _, err := tx.Exec(t.Context(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	person, organization := rand.Int64N(math.MaxInt64)+1, newOrganization()
	// Between those of others. The few that are open are the oldest.
	for _, owner := range []int64{person - 1, person, person + 1} {
		exec(`
			INSERT INTO todos (owner_id, organization_id, text, done)
			SELECT $1, CASE WHEN i % 2 = 0 THEN $2 || ($1::bigint - $3::bigint) END, 'something to do, number ' || i, i > 10
			FROM generate_series(1, $4::bigint) AS i
		`, owner, organization, person, 2*listed)
	}
	// What deleted people made for it is nobody's.
	exec("UPDATE todos SET owner_id = NULL WHERE owner_id = $1 AND organization_id IS NOT NULL", person+1)
	exec("ANALYZE todos")
	for name, l := range map[string]list{"a person's": {person: person}, "an organization's": {organization: organization + "0"}} {
		var oldest int64
		if err := tx.QueryRow(t.Context(), "SELECT min(id) FROM todos WHERE "+l.condition(), l.owner()).Scan(&oldest); err != nil {
			t.Fatal(err)
		}
		type call struct {
			query    string
			below, n int64
		}
		calls := map[string]call{"the counts": {countQuery(l), math.MaxInt64, maxCount}}
		for _, state := range []string{"", stateOpen, stateDone} {
			for _, below := range []int64{math.MaxInt64, oldest + listed, oldest + 50} {
				calls[fmt.Sprintf("%s below %d", state, below)] = call{"SELECT " + columns + l.newest(state), below, cursor.MaxLimit + 1}
			}
		}
		for _, mode := range []string{"force_custom_plan", "force_generic_plan"} {
			exec("SET LOCAL plan_cache_mode = " + mode)
			for asked, c := range calls {
				if blocks, plan := blocksOf(t, tx, c.query, l.owner(), c.below, c.n); blocks > allowed {
					t.Errorf("%s, %s, %s: %d blocks, want %d at most: %s", name, asked, mode, blocks, allowed, plan)
				}
			}
		}
	}
}

// blocksOf returns how many blocks a query reads, and its plan.
func blocksOf(t *testing.T, tx *sqldb.Tx, query string, args ...any) (int, []byte) {
	t.Helper()
	var explained []byte
	if err := tx.QueryRow(t.Context(), "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "+query, args...).Scan(&explained); err != nil {
		t.Fatal(err)
	}
	var plans []struct {
		Plan struct {
			Hit  int `json:"Shared Hit Blocks"`
			Read int `json:"Shared Read Blocks"`
		}
	}
	if err := json.Unmarshal(explained, &plans); err != nil || len(plans) != 1 {
		t.Fatalf("%v: %s", err, explained)
	}
	return plans[0].Plan.Hit + plans[0].Plan.Read, explained
}

func TestList_ErrInvalidArgument(t *testing.T) {
	person, organization := signIn(""), newOrganization()
	mustCreate(t, "x")

	for _, limit := range []int{-1, 101, math.MinInt, math.MaxInt} {
		_, err := List(t.Context(), &ListParams{Limit: limit})
		wantError(t, err, errs.InvalidArgument)
	}
	for _, state := range []string{"all", "Open", "true", " done"} {
		_, err := List(t.Context(), &ListParams{State: state})
		wantError(t, err, errs.InvalidArgument)
	}
	for name, text := range map[string]string{
		"garbage":                   "garbage",
		"an id":                     "7",
		"another person's":          cursor.Encode(list{person: person + 1}.name(), cursor.Position{ID: math.MaxInt64}),
		"the organization's":        cursor.Encode(list{person: person, organization: organization}.name(), cursor.Position{ID: math.MaxInt64}),
		"of a list of another kind": cursor.Encode("users:", cursor.Position{ID: math.MaxInt64}),
	} {
		t.Run(name, func(t *testing.T) {
			signInAs(person, "")
			_, err := List(t.Context(), &ListParams{Cursor: text})
			wantError(t, err, errs.InvalidArgument)
		})
	}
}

// TestListName: an organization can't be named such that its list is taken for
// a person's.
func TestListName(t *testing.T) {
	names := map[string]bool{}
	for _, l := range []list{{person: 1}, {person: 11}, {person: 1, organization: "1"}, {organization: "person:1"}} {
		names[l.name()] = true
	}
	if len(names) != 4 {
		t.Errorf("names = %v", names)
	}
}
