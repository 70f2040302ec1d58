package todos

import (
	"context"

	"encore.app/internal/fault"
)

// maxDeleted is how many todos one call deletes at most.
const maxDeleted = 1000

// Delete deletes a todo of the caller's list. It returns errs.NotFound if there
// is none with the id, and errs.Unavailable if the database can't be reached.
//
//encore:api auth sensitive method=DELETE path=/todos/:id tag:person tag:scope-write-todos
func Delete(ctx context.Context, id int64) error {
	deleted, err := deleteByID(ctx, []int64{id})
	if err == nil && deleted == 0 {
		return errNotFound
	}
	return err
}

// DeleteManyParams are the parameters of DeleteMany.
type DeleteManyParams struct {
	// IDs are those of the todos to delete: 1 to 1000.
	IDs []int64 `json:"ids"`
}

// DeleteMany deletes todos of the caller's list, all of them or none. Those that
// are not there (any more) don't matter, so that the call can be repeated.
//
// It returns errs.InvalidArgument if there are no ids or too many, and
// errs.Unavailable if the database can't be reached.
//
//encore:api auth sensitive method=POST path=/todos/delete tag:person tag:scope-write-todos
func DeleteMany(ctx context.Context, p *DeleteManyParams) error {
	if len(p.IDs) < 1 || len(p.IDs) > maxDeleted {
		return invalid("the ids are not 1 to 1000")
	}
	_, err := deleteByID(ctx, p.IDs)
	return err
}

// deleteByID deletes those todos of the caller's list that have one of the ids,
// and returns how many there were.
func deleteByID(ctx context.Context, ids []int64) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, fault.QueryTimeout)
	defer cancel()

	l := callersList()
	// Locked in one order, so that two calls for the same todos can't block each other.
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
