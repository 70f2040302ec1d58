package todos

import (
	"math"
	"slices"
	"testing"

	"encore.dev/beta/errs"
)

func TestDelete(t *testing.T) {
	signIn("")
	kept, deleted := mustCreate(t, "kept"), mustCreate(t, "deleted")
	if err := Delete(t.Context(), deleted.ID); err != nil {
		t.Fatal(err)
	}
	_, err := Get(t.Context(), deleted.ID)
	wantError(t, err, errs.NotFound)
	wantError(t, Delete(t.Context(), deleted.ID), errs.NotFound)
	if _, err := Get(t.Context(), kept.ID); err != nil {
		t.Error(err)
	}
}

func TestDeleteMany(t *testing.T) {
	for _, organization := range []string{"", newOrganization()} {
		signIn(organization)
		var ids []int64
		for range 5 {
			ids = append(ids, mustCreate(t, "x").ID)
		}
		params := &DeleteManyParams{IDs: []int64{ids[3], ids[0], ids[3], 0, -1, math.MaxInt64, ids[1]}}
		for range 2 {
			if err := DeleteMany(t.Context(), params); err != nil {
				t.Fatal(err)
			}
			if got, want := allIDs(t, 100), []int64{ids[4], ids[2]}; !slices.Equal(got, want) {
				t.Errorf("ids left = %v, want %v", got, want)
			}
		}
	}
}

func TestDeleteMany_ErrInvalidArgument(t *testing.T) {
	signIn("")
	created := mustCreate(t, "x")
	for _, ids := range [][]int64{nil, {}, slices.Repeat([]int64{created.ID}, 1001)} {
		wantError(t, DeleteMany(t.Context(), &DeleteManyParams{IDs: ids}), errs.InvalidArgument)
	}
	if err := DeleteMany(t.Context(), &DeleteManyParams{IDs: slices.Repeat([]int64{created.ID}, 1000)}); err != nil {
		t.Error(err)
	}
}
