package todos

import (
	"context"

	"encore.app/internal/fault"
)

const maxDeleted = 1000

// Delete deletes a todo from the caller's list. It returns errs.NotFound if the list has
// no such todo, and errs.Unavailable if the database can't be reached.
//
//encore:api auth sensitive method=DELETE path=/todos/:id tag:person tag:scope-write-todos
func Delete(ctx context.Context, id int64) error {
	deleted, err := deleteByID(ctx, []int64{id})
	if err == nil && deleted == 0 {
		return errNotFound
	}
	return err
}

type DeleteManyParams struct {
	IDs []int64 `json:"ids"` // 1 to 1000
}

// DeleteMany deletes todos from the caller's list, all or none. Ids that are not in the
// list are ignored, so the call is safe to repeat. It returns errs.InvalidArgument if
// there are no ids or too many, and errs.Unavailable if the database can't be reached.
//
//encore:api auth sensitive method=POST path=/todos/delete tag:person tag:scope-write-todos
func DeleteMany(ctx context.Context, p *DeleteManyParams) error {
	if len(p.IDs) < 1 || len(p.IDs) > maxDeleted {
		return invalid("there must be 1 to 1000 ids")
	}
	_, err := deleteByID(ctx, p.IDs)
	return err
}

func deleteByID(ctx context.Context, ids []int64) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, fault.QueryTimeout)
	defer cancel()

	l := callerList()
	// Rows are locked in the order of their ids, which prevents deadlocks.
	result, err := db.Exec(ctx, `
		DELETE FROM todos WHERE id = ANY (ARRAY(
			SELECT id FROM todos WHERE `+l.condition()+` AND id = ANY ($2::bigint[])
			ORDER BY id FOR UPDATE
		))
	`, l.owner(), ids)
	if err != nil {
		return 0, fault.Database(ctx, "delete todos", err)
	}
	return result.RowsAffected(), nil
}
