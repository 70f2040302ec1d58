// Service todos keeps todo lists: one for each person and one for each
// organization.
//
// Whose list a call is about, only its access token decides. Every query is
// bound to that list, so what belongs to somebody else is as good as not there.
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

// Todo is something to do.
type Todo struct {
	// ID is unique among the todos of everybody, and higher for newer ones.
	ID int64 `json:"id"`
	// OwnerID is the internal id of who made it. It is null if they were
	// deleted and the todo is an organization's.
	OwnerID *int64 `json:"owner_id"`
	// OrganizationID is the organization whose todo it is, by its id in Logto.
	// It is null if the todo is the owner's own.
	OrganizationID *string `json:"organization_id" trace:"an id, of many people"`
	// Text says what to do. See CreateParams for its limits.
	Text string `json:"text" encore:"sensitive"`
	// Done says that it is ticked off.
	Done bool `json:"done"`
	// Version is 1 at first and grows with each edit, which has to name it.
	Version int64 `json:"version"`
	// CreatedAt is when it was made.
	CreatedAt time.Time `json:"created_at"`
	// UpdatedAt is the time of the last edit, or that of its making.
	UpdatedAt time.Time `json:"updated_at"`
}

// columns are the columns of a Todo, in the order of fields.
const columns = `id, owner_id, organization_id, text, done, version, created_at, updated_at`

// fields returns where the columns are scanned into.
func (t *Todo) fields() []any {
	return []any{&t.ID, &t.OwnerID, &t.OrganizationID, &t.Text, &t.Done, &t.Version, &t.CreatedAt, &t.UpdatedAt}
}

// Get returns a todo of the caller's list. It returns errs.NotFound if there is
// none with the id, and errs.Unavailable if the database can't be reached.
//
//encore:api auth sensitive method=GET path=/todos/:id tag:person tag:scope-read-todos
func Get(ctx context.Context, id int64) (*Todo, error) {
	ctx, cancel := context.WithTimeout(ctx, fault.QueryTimeout)
	defer cancel()
	return find(ctx, callersList(), id)
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

// Ready returns errs.Unavailable if the database can't be reached or lacks its
// tables.
//
//encore:api private
func Ready(ctx context.Context) error {
	if _, err := db.Exec(ctx, `SELECT FROM todos LIMIT 1`); err != nil {
		return fault.Database(ctx, "ask whether the database is ready", err)
	}
	return nil
}

// errNotFound is the same for a todo that isn't there and for somebody else's.
var errNotFound = &errs.Error{Code: errs.NotFound, Message: "no such todo"}

// invalid returns the error for input that the caller has to mend.
func invalid(message string) error {
	return &errs.Error{Code: errs.InvalidArgument, Message: message}
}
