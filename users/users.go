// Service users keeps a row for each person: everybody who has called the
// application, and everybody whom Logto told of.
//
// Logto is the source of who they are. Its webhooks, a daily sync and the access
// tokens keep the rows up to date, and say who is locked out. The row gives a
// person a short internal id, which is what other services refer to.
package users

import (
	"context"
	"errors"
	"time"

	"encore.dev/beta/auth"
	"encore.dev/beta/errs"
	"encore.dev/storage/sqldb"

	"encore.app/internal/fault"
)

var db = sqldb.NewDatabase("users", sqldb.DatabaseConfig{
	Migrations: "./migrations",
})

// queryTimeout bounds one use of the database, so that a call which can't be
// served is refused soon.
const queryTimeout = 3 * time.Second

// User is a person's row.
type User struct {
	// ID is the internal id, the one that other tables refer to.
	ID int64 `json:"id"`
	// LogtoID is the id in Logto: the subject of the person's tokens.
	LogtoID string `json:"logto_id" trace:"the user id, which Encore notes of each call"`
	// Username, Email, Phone, Name and Picture are the profile as far as it is known.
	Username *string `json:"username" encore:"sensitive"`
	Email    *string `json:"email" encore:"sensitive"`
	Phone    *string `json:"phone" encore:"sensitive"`
	Name     *string `json:"name" encore:"sensitive"`
	Picture  *string `json:"picture" encore:"sensitive"`
	// Suspended says that the person is locked out.
	Suspended bool `json:"suspended"`
	// CreatedAt is when the row was made: at the first call, or at the first
	// news from Logto.
	CreatedAt time.Time `json:"created_at"`
	// UpdatedAt is the time of the last change to the profile or to Suspended.
	UpdatedAt time.Time `json:"updated_at"`
	// LastSeenAt is the time of the last call, to the minute. It is null for
	// somebody who never called.
	LastSeenAt *time.Time `json:"last_seen_at"`
}

// columns are the columns of a User, in the order of fields.
const columns = `id, logto_id, username, email, phone, name, picture, suspended, created_at, updated_at, last_seen_at`

// fields returns where the columns are scanned into.
func (u *User) fields() []any {
	return []any{&u.ID, &u.LogtoID, &u.Username, &u.Email, &u.Phone, &u.Name, &u.Picture,
		&u.Suspended, &u.CreatedAt, &u.UpdatedAt, &u.LastSeenAt}
}

// Me returns the caller's row. It returns errs.NotFound if it was deleted in
// the meantime, and errs.Unavailable if the database can't be reached.
//
//encore:api auth sensitive method=GET path=/users/me tag:no-scope tag:person
func Me(ctx context.Context) (*User, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()

	uid, _ := auth.UserID()
	u := new(User)
	err := db.QueryRow(ctx, `
		SELECT `+columns+` FROM users WHERE logto_id = $1 AND deleted_at IS NULL
	`, string(uid)).Scan(u.fields()...)
	if errors.Is(err, sqldb.ErrNoRows) {
		return nil, &errs.Error{Code: errs.NotFound, Message: "you have no user record: sign in again"}
	} else if err != nil {
		return nil, fault.Database(ctx, "read user", err)
	}
	return u, nil
}

// Ready returns errs.Unavailable if the database can't be reached or lacks its
// tables.
//
//encore:api private
func Ready(ctx context.Context) error {
	if _, err := db.Exec(ctx, `SELECT FROM users LIMIT 1`); err != nil {
		return fault.Database(ctx, "ask whether the database is ready", err)
	}
	return nil
}
