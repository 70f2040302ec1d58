package todos

import (
	"context"
	"errors"

	"encore.dev/beta/errs"
	"encore.dev/storage/sqldb"

	"encore.app/internal/fault"
)

// EditParams are the parameters of Edit.
type EditParams struct {
	// Version is that of the todo that the caller saw.
	Version int64 `json:"version"`
	// Text is the new text, within the limits of CreateParams. Without it the
	// text stays.
	Text *string `json:"text" encore:"optional,sensitive"`
	// Done ticks the todo off, or not. Without it that stays as well.
	Done *bool `json:"done" encore:"optional"`
}

// Conflict is in the details of the error that an edit of an older version gets.
type Conflict struct {
	// Current is the todo as it is now.
	Current *Todo `json:"current"`
}

// ErrDetails marks what an error may carry to the client.
func (*Conflict) ErrDetails() {}

// Edit changes a todo of the caller's list, unless somebody changed it since the
// caller saw it.
//
// It returns errs.InvalidArgument if the version is missing, there is nothing to
// change or the text can't be one, errs.NotFound if there is no todo with the
// id, errs.Aborted with a Conflict if it has another version by now, and
// errs.Unavailable if the database can't be reached.
//
//encore:api auth sensitive method=PATCH path=/todos/:id tag:person tag:scope-write-todos
func Edit(ctx context.Context, id int64, p *EditParams) (*Todo, error) {
	ctx, cancel := context.WithTimeout(ctx, fault.QueryTimeout)
	defer cancel()

	if p.Version < 1 {
		return nil, invalid("the version is missing: send that of the todo you saw")
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

	l := callersList()
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

// conflict tells why no todo has the id and version.
func conflict(ctx context.Context, l list, id int64) error {
	current, err := find(ctx, l, id)
	if err != nil {
		return err
	}
	return &errs.Error{
		Code:    errs.Aborted,
		Message: "the todo was changed in the meantime: look at it as it is now and try again",
		Details: &Conflict{Current: current},
	}
}
