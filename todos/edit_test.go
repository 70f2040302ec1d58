package todos

import (
	"errors"
	"fmt"
	"math"
	"sync"
	"testing"

	"encore.dev/beta/errs"
)

func TestEdit(t *testing.T) {
	yes, no, text := true, false, " buy bread "
	for name, test := range map[string]struct {
		change EditParams
		want   Todo
	}{
		"done":     {EditParams{Done: &yes}, Todo{Text: "buy milk", Done: true}},
		"not done": {EditParams{Done: &no}, Todo{Text: "buy milk"}},
		"text":     {EditParams{Text: &text}, Todo{Text: "buy bread"}},
		"both":     {EditParams{Text: &text, Done: &yes}, Todo{Text: "buy bread", Done: true}},
	} {
		t.Run(name, func(t *testing.T) {
			signIn("")
			created := mustCreate(t, "buy milk")
			test.change.Version = 1
			got, err := Edit(t.Context(), created.ID, &test.change)
			if err != nil {
				t.Fatal(err)
			}
			if got.Text != test.want.Text || got.Done != test.want.Done || got.Version != 2 ||
				!got.CreatedAt.Equal(created.CreatedAt) || !got.UpdatedAt.After(created.UpdatedAt) {
				t.Errorf("got %+v", got)
			}
			if read, err := Get(t.Context(), created.ID); err != nil || read.Text != got.Text || read.Version != 2 {
				t.Errorf("read %+v, err = %v", read, err)
			}
		})
	}

	t.Run("colleague's todo", func(t *testing.T) {
		organization := newOrganization()
		creator := signIn(organization)
		created := mustCreate(t, "hire somebody")
		signIn(organization)
		got, err := Edit(t.Context(), created.ID, &EditParams{Version: 1, Done: &yes})
		if err != nil {
			t.Fatal(err)
		}
		if *got.OwnerID != creator {
			t.Errorf("owner = %d, want the creator, %d", *got.OwnerID, creator)
		}
	})
}

func TestEdit_ErrInvalidArgument(t *testing.T) {
	signIn("")
	created := mustCreate(t, "buy milk")
	yes, empty, broken := true, " ", "buy\nmilk"
	for _, change := range []EditParams{
		{},
		{Done: &yes},
		{Version: -1, Done: &yes},
		{Version: 1},
		{Version: 1, Text: &empty},
		{Version: 1, Text: &broken, Done: &yes},
	} {
		_, err := Edit(t.Context(), created.ID, &change)
		wantError(t, err, errs.InvalidArgument)
	}
	if got, err := Get(t.Context(), created.ID); err != nil || got.Version != 1 {
		t.Errorf("got %+v, err = %v", got, err)
	}
}

func TestEdit_ErrAborted(t *testing.T) {
	signIn("")
	created := mustCreate(t, "buy milk")
	yes, text := true, "buy bread"
	if _, err := Edit(t.Context(), created.ID, &EditParams{Version: 1, Text: &text}); err != nil {
		t.Fatal(err)
	}
	for _, version := range []int64{1, 3, math.MaxInt64} {
		_, err := Edit(t.Context(), created.ID, &EditParams{Version: version, Done: &yes})
		conflict, ok := wantError(t, err, errs.Aborted).Details.(*Conflict)
		if !ok || conflict.Current.ID != created.ID || conflict.Current.Text != text || conflict.Current.Done || conflict.Current.Version != 2 {
			t.Errorf("details = %+v", conflict)
		}
	}
	if err := Delete(t.Context(), created.ID); err != nil {
		t.Fatal(err)
	}
	_, err := Edit(t.Context(), created.ID, &EditParams{Version: 2, Done: &yes})
	wantError(t, err, errs.NotFound)
}

func TestEdit_Concurrent(t *testing.T) {
	signIn("")
	created := mustCreate(t, "x")
	for version := int64(1); version <= 5; version++ {
		results := make([]*Todo, 20)
		var wg sync.WaitGroup
		for i := range results {
			wg.Go(func() {
				text := fmt.Sprintf("edit %d by %d", version, i)
				got, err := Edit(t.Context(), created.ID, &EditParams{Version: version, Text: &text})
				var e *errs.Error
				if errors.As(err, &e) && e.Code == errs.Aborted {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
				results[i] = got
			})
		}
		wg.Wait()
		now, err := Get(t.Context(), created.ID)
		if err != nil {
			t.Fatal(err)
		}
		winners := 0
		for i, got := range results {
			if got == nil {
				continue
			}
			winners++
			if want := fmt.Sprintf("edit %d by %d", version, i); got.Text != want || now.Text != want {
				t.Errorf("wrote %q, got %q, now it is %q", want, got.Text, now.Text)
			}
		}
		if winners != 1 || now.Version != version+1 {
			t.Errorf("%d edits succeeded, version = %d after %d", winners, now.Version, version)
		}
	}
}
