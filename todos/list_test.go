package todos

import (
	"math"
	"slices"
	"testing"

	"encore.dev/beta/errs"

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

func TestList_ErrInvalidArgument(t *testing.T) {
	person, organization := signIn(""), newOrganization()
	mustCreate(t, "x")

	for _, limit := range []int{-1, 101, math.MinInt, math.MaxInt} {
		_, err := List(t.Context(), &ListParams{Limit: limit})
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
