package todos

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"encore.dev/beta/errs"

	"encore.app/internal/cursor"
	"encore.app/internal/querytest"
)

func TestList(t *testing.T) {
	t.Run("empty list", func(t *testing.T) {
		signIn("")
		resp, err := List(t.Context(), &ListParams{})
		if err != nil || resp.Todos == nil || len(resp.Todos) != 0 || resp.NextCursor != "" {
			t.Errorf("got %+v, err = %v", resp, err)
		}
	})

	t.Run("newest first, pages of any size", func(t *testing.T) {
		for _, organization := range []string{"", newOrganization()} {
			signIn(organization)
			var want []int64
			for range 7 {
				want = append([]int64{mustCreate(t, "x").ID}, want...)
			}
			for _, limit := range []int{1, 2, 6, 7, 8, 100} {
				if got := allIDs(t, limit); !slices.Equal(got, want) {
					t.Errorf("limit %d: ids = %v, want %v", limit, got, want)
				}
			}
		}
	})

	t.Run("20 by default", func(t *testing.T) {
		signIn("")
		for range 21 {
			mustCreate(t, "x")
		}
		resp, err := List(t.Context(), &ListParams{})
		if err != nil || len(resp.Todos) != 20 || resp.NextCursor == "" {
			t.Errorf("got %+v, err = %v", resp, err)
		}
	})

	t.Run("by state", func(t *testing.T) {
		for _, organization := range []string{"", newOrganization()} {
			person := signIn(organization)
			signInAs(person+1, organization) // a colleague, or another person
			mustFinish(t, mustCreate(t, "x"))
			mustCreate(t, "x")
			want := map[string][]int64{}
			if organization != "" {
				want[stateOpen], want[stateDone] = idsByState(t, stateOpen, 100), idsByState(t, stateDone, 100)
			}
			signInAs(person, organization)
			for i := range 9 {
				todo, state := mustCreate(t, "x"), stateOpen
				if i%3 == 0 {
					mustFinish(t, todo)
					state = stateDone
				}
				want[state] = append([]int64{todo.ID}, want[state]...)
			}
			for state, want := range want {
				for _, limit := range []int{1, 2, len(want), 100} {
					if got := idsByState(t, state, limit); !slices.Equal(got, want) {
						t.Errorf("%s, limit %d: ids = %v, want %v", state, limit, got, want)
					}
				}
			}
		}
	})

	t.Run("deleted and new todos don't shift the next page", func(t *testing.T) {
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
				t.Errorf("state %q: got %+v, want %d open and %d done", state, resp, open, done)
			}
		}
	}

	for _, organization := range []string{"", newOrganization()} {
		person := signIn(organization)
		wantCounts(t, 0, 0)
		mustFinish(t, mustCreate(t, "x"))
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

// TestList_Cost checks that the counts and any page read few blocks. The list has about 130.
func TestList_Cost(t *testing.T) {
	const listed, allowed = 10_000, 60
	tx, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	exec := func(sql string, args ...any) {
		t.Helper()
		querytest.Exec(t, tx, sql, args...)
	}
	person, organization := rand.Int64N(math.MaxInt64)+1, newOrganization()
	// The list is between the lists of two other people. Its few open todos are the oldest.
	for _, owner := range []int64{person - 1, person, person + 1} {
		exec(`
			INSERT INTO todos (owner_id, organization_id, text, done)
			SELECT $1, CASE WHEN i % 2 = 0 THEN $2 || ($1::bigint - $3::bigint) END, 'something to do, number ' || i, i > 10
			FROM generate_series(1, $4::bigint) AS i
		`, owner, organization, person, 2*listed)
	}
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
				if blocks, plan := querytest.Blocks(t, tx, c.query, l.owner(), c.below, c.n); blocks > allowed {
					t.Errorf("%s, %s, %s: %d blocks, want at most %d: %s", name, asked, mode, blocks, allowed, plan)
				}
			}
		}
	}
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
		"garbage":              "garbage",
		"an id":                "7",
		"another person's":     cursor.Encode(list{person: person + 1}.name(), cursor.Position{ID: math.MaxInt64}),
		"the organization's":   cursor.Encode(list{person: person, organization: organization}.name(), cursor.Position{ID: math.MaxInt64}),
		"of the list of users": cursor.Encode("users:", cursor.Position{ID: math.MaxInt64}),
	} {
		t.Run(name, func(t *testing.T) {
			signInAs(person, "")
			_, err := List(t.Context(), &ListParams{Cursor: text})
			wantError(t, err, errs.InvalidArgument)
		})
	}
}

func TestListName(t *testing.T) {
	names := map[string]bool{}
	for _, l := range []list{{person: 1}, {person: 11}, {person: 1, organization: "1"}, {organization: "person:1"}} {
		names[l.name()] = true
	}
	if len(names) != 4 {
		t.Errorf("names = %v", names)
	}
}
