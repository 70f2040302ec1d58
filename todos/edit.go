package todos

import (
	"context"
	"errors"

	"encore.dev/beta/errs"
	"encore.dev/storage/sqldb"

	"encore.app/internal/fault"
)

type EditParams struct {
	// Version is the version of the todo that the caller saw.
	Version int64 `json:"version"`
	// Text is the new text, with the limits of CreateParams, or null to keep it.
	Text *string `json:"text" encore:"optional,sensitive"`
	// Done is the new value of done, or null to keep it.
	Done *bool `json:"done" encore:"optional"`
}

// Conflict has the details of the error for an edit of an older version.
type Conflict struct {
	Current *Todo `json:"current"`
}

// ErrDetails implements errs.ErrDetails.
func (*Conflict) ErrDetails() {}

// Edit changes a todo of the caller's list if it still has the given version.
//
// It returns errs.InvalidArgument if the version is missing, there is nothing to change
// or the text is not valid; errs.NotFound if the list has no such todo; errs.Aborted
// with a Conflict if the todo has another version; and errs.Unavailable if the database
// can't be reached.
//
//encore:api auth sensitive method=PATCH path=/todos/:id tag:person tag:scope-write-todos
func Edit(ctx context.Context, id int64, p *EditParams) (*Todo, error) {
	ctx, cancel := context.WithTimeout(ctx, fault.QueryTimeout)
	defer cancel()

	if p.Version < 1 {
		return nil, invalid("the version is missing: send the version of the todo you saw")
	}
	if p.Text == nil && p.Done == nil {
		return nil, invalid("there is nothing to change: send text, done or both")
	}
	text := p.Text
	if text != nil {
		parsed, err := parseText(*text)
		if err != nil {
			return nil, err
		}
		text = &parsed
	}

	l := callerList()
	var t Todo
	err := db.QueryRow(ctx, `
		UPDATE todos SET
			text = COALESCE($4, text),
			done = COALESCE($5, done),
			version = version + 1,
			updated_at = now()
		WHERE `+l.condition()+` AND id = $2 AND version = $3
		RETURNING `+columns,
		l.owner(), id, p.Version, text, p.Done).Scan(t.fields()...)
	if errors.Is(err, sqldb.ErrNoRows) {
		return nil, conflict(ctx, l, id)
	} else if err != nil {
		return nil, fault.Database(ctx, "edit todo", err)
	}
	return &t, nil
}

func conflict(ctx context.Context, l list, id int64) error {
	current, err := find(ctx, l, id)
	if err != nil {
		return err
	}
	return &errs.Error{
		Code:    errs.Aborted,
		Message: "the todo was changed in the meantime: look at the current version and try again",
		Details: &Conflict{Current: current},
	}
}
