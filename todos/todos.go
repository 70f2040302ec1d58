// Service todos stores a todo list for each person and each organization.
//
// The access token alone determines the caller's list. Every query is limited to it, so
// todos of other lists are not found.
package todos

import (
	"context"
	"errors"
	"time"

	"encore.dev/beta/errs"
	"encore.dev/storage/sqldb"

	"encore.app/internal/fault"
)

var db = sqldb.NewDatabase("todos", sqldb.DatabaseConfig{
	Migrations: "./migrations",
})

type Todo struct {
	// ID is unique across all lists. Newer todos have higher ids.
	ID int64 `json:"id"`
	// OwnerID is the internal id of the creator, or null if they were deleted.
	OwnerID *int64 `json:"owner_id"`
	// OrganizationID is a Logto id. It is null if the todo is on the owner's own list.
	OrganizationID *string `json:"organization_id" trace:"an id that many people share"`
	Text           string  `json:"text" encore:"sensitive"`
	Done           bool    `json:"done"`
	// Version starts at 1 and increases by 1 with each edit.
	Version   int64     `json:"version"`
	CreatedAt time.Time `json:"created_at"`
	// UpdatedAt is the time of the last edit, initially CreatedAt.
	UpdatedAt time.Time `json:"updated_at"`
}

// columns are the columns of a Todo, in the order of fields.
const columns = `id, owner_id, organization_id, text, done, version, created_at, updated_at`

func (t *Todo) fields() []any {
	return []any{&t.ID, &t.OwnerID, &t.OrganizationID, &t.Text, &t.Done, &t.Version, &t.CreatedAt, &t.UpdatedAt}
}

// Get returns a todo of the caller's list. It returns errs.NotFound if the list has no
// such todo, and errs.Unavailable if the database can't be reached.
//
//encore:api auth sensitive method=GET path=/todos/:id tag:person tag:scope-read-todos
func Get(ctx context.Context, id int64) (*Todo, error) {
	ctx, cancel := context.WithTimeout(ctx, fault.QueryTimeout)
	defer cancel()
	return find(ctx, callerList(), id)
}

func find(ctx context.Context, l list, id int64) (*Todo, error) {
	var t Todo
	err := db.QueryRow(ctx, `
		SELECT `+columns+` FROM todos
		WHERE `+l.condition()+` AND id = $2
	`, l.owner(), id).Scan(t.fields()...)
	if errors.Is(err, sqldb.ErrNoRows) {
		return nil, errNotFound
	} else if err != nil {
		return nil, fault.Database(ctx, "read todo", err)
	}
	return &t, nil
}

// Ready returns errs.Unavailable if the database can't be reached or lacks its tables.
//
//encore:api private
func Ready(ctx context.Context) error {
	if _, err := db.Exec(ctx, `SELECT FROM todos LIMIT 1`); err != nil {
		return fault.Database(ctx, "check the database", err)
	}
	return nil
}

// errNotFound is also returned for todos of other lists.
var errNotFound = &errs.Error{Code: errs.NotFound, Message: "no such todo"}

func invalid(message string) error {
	return &errs.Error{Code: errs.InvalidArgument, Message: message}
}
