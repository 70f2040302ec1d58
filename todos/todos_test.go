package todos

import (
	"context"
	crand "crypto/rand"
	"errors"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	encore "encore.dev/beta/auth"
	"encore.dev/beta/errs"
	"encore.dev/et"

	"encore.app/auth"
)

// signIn signs in a new person and returns their id. organization may be empty.
func signIn(organization string) int64 {
	id := rand.Int64N(math.MaxInt64) + 1
	signInAs(id, organization)
	return id
}

func signInAs(id int64, organization string) {
	et.OverrideAuthInfo(encore.UID("person"+strconv.FormatInt(id, 10)), &auth.Data{
		UserID:         id,
		Scopes:         []string{"read:todos", "write:todos"},
		OrganizationID: organization,
	})
}

func newOrganization() string { return "org" + strings.ToLower(crand.Text()) }

func mustCreate(t *testing.T, text string) *Todo {
	t.Helper()
	return mustCreateOnce(t, text, "")
}

func mustCreateOnce(t *testing.T, text, key string) *Todo {
	t.Helper()
	todo, err := Create(t.Context(), &CreateParams{Text: text, IdempotencyKey: key})
	if err != nil {
		t.Fatal(err)
	}
	return todo
}

func allIDs(t *testing.T, limit int) []int64 {
	t.Helper()
	return idsByState(t, "", limit)
}

func idsByState(t *testing.T, state string, limit int) (ids []int64) {
	t.Helper()
	params := &ListParams{Limit: limit, State: state}
	for {
		resp, err := List(t.Context(), params)
		if err != nil {
			t.Fatal(err)
		}
		if len(resp.Todos) > limit {
			t.Fatalf("page of %d todos, limit %d", len(resp.Todos), limit)
		}
		for _, todo := range resp.Todos {
			ids = append(ids, todo.ID)
		}
		if resp.NextCursor == "" {
			return ids
		}
		params.Cursor = resp.NextCursor
	}
}

func mustFinish(t *testing.T, todo *Todo) {
	t.Helper()
	done := true
	if _, err := Edit(t.Context(), todo.ID, &EditParams{Version: todo.Version, Done: &done}); err != nil {
		t.Fatal(err)
	}
}

// wantError checks the code of an error, and that its message has no internal details.
func wantError(t *testing.T, err error, code errs.ErrCode) *errs.Error {
	t.Helper()
	var e *errs.Error
	if !errors.As(err, &e) || e.Code != code {
		t.Fatalf("err = %v, want %s", err, code)
	}
	for _, inner := range []string{"SELECT", "UPDATE", "todos", "context", "SQLSTATE"} {
		if strings.Contains(e.ErrorMessage(), inner) {
			t.Errorf("the message %q has internal details", e.ErrorMessage())
		}
	}
	return e
}

func TestGet(t *testing.T) {
	t.Run("OK", func(t *testing.T) {
		person := signIn("")
		created := mustCreate(t, "buy milk")
		got, err := Get(t.Context(), created.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got.ID != created.ID || *got.OwnerID != person || got.OrganizationID != nil || got.Text != "buy milk" ||
			got.Done || got.Version != 1 || got.CreatedAt.IsZero() || !got.UpdatedAt.Equal(got.CreatedAt) {
			t.Errorf("got %+v", got)
		}
	})

	t.Run("organization's todo", func(t *testing.T) {
		organization := newOrganization()
		creator := signIn(organization)
		created := mustCreate(t, "hire somebody")

		signIn(organization) // a colleague
		got, err := Get(t.Context(), created.ID)
		if err != nil {
			t.Fatal(err)
		}
		if *got.OwnerID != creator || *got.OrganizationID != organization {
			t.Errorf("got %+v", got)
		}
	})
}

// TestOtherLists checks that a todo of another list is not found, even by its creator.
func TestOtherLists(t *testing.T) {
	organization := newOrganization()
	person := signIn("")
	own := mustCreate(t, "own")
	signInAs(person, organization)
	organizations := mustCreate(t, "the organization's")

	for name, test := range map[string]struct {
		person       int64
		organization string
		foreign      *Todo
	}{
		"another person's":                    {person + 1, "", own},
		"own, as the organization":            {person, organization, own},
		"own, as a colleague":                 {person + 1, organization, own},
		"the organization's, as oneself":      {person, "", organizations},
		"the organization's, as another one":  {person, newOrganization(), organizations},
		"the organization's, as other person": {person + 1, "", organizations},
	} {
		t.Run(name, func(t *testing.T) {
			signInAs(test.person, test.organization)
			_, err := Get(t.Context(), test.foreign.ID)
			wantError(t, err, errs.NotFound)
			done := true
			_, err = Edit(t.Context(), test.foreign.ID, &EditParams{Version: 1, Done: &done})
			wantError(t, err, errs.NotFound)
			wantError(t, Delete(t.Context(), test.foreign.ID), errs.NotFound)
			if err := DeleteMany(t.Context(), &DeleteManyParams{IDs: []int64{test.foreign.ID}}); err != nil {
				t.Error(err)
			}
			for _, id := range allIDs(t, 100) {
				if id == test.foreign.ID {
					t.Error("the todo is in the list")
				}
			}
		})
	}

	signInAs(person, "")
	if got, err := Get(t.Context(), own.ID); err != nil || got.Version != 1 || got.Done {
		t.Errorf("got %+v, err = %v", got, err)
	}
	signInAs(person, organization)
	if got, err := Get(t.Context(), organizations.ID); err != nil || got.Version != 1 || got.Done {
		t.Errorf("got %+v, err = %v", got, err)
	}
}

func TestErrNotFound(t *testing.T) {
	signIn("")
	for _, id := range []int64{0, -1, math.MinInt64, math.MaxInt64} {
		_, err := Get(t.Context(), id)
		wantError(t, err, errs.NotFound)
		wantError(t, Delete(t.Context(), id), errs.NotFound)
	}
}

func TestUnavailable(t *testing.T) {
	signIn("")
	created := mustCreate(t, "buy milk")
	ctx, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()

	done := true
	_, err := Get(ctx, created.ID)
	wantError(t, err, errs.Unavailable)
	_, err = List(ctx, &ListParams{})
	wantError(t, err, errs.Unavailable)
	_, err = Create(ctx, &CreateParams{Text: "buy bread"})
	wantError(t, err, errs.Unavailable)
	_, err = Create(ctx, &CreateParams{Text: "buy bread", IdempotencyKey: "key"})
	wantError(t, err, errs.Unavailable)
	_, err = Edit(ctx, created.ID, &EditParams{Version: 1, Done: &done})
	wantError(t, err, errs.Unavailable)
	wantError(t, Delete(ctx, created.ID), errs.Unavailable)
	wantError(t, DeleteMany(ctx, &DeleteManyParams{IDs: []int64{created.ID}}), errs.Unavailable)
}
