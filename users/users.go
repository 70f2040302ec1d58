// Service users keeps a row for each person who has called the application.
//
// Logto is the source of who they are; the row gives them a short internal id
// and a place in this database that other tables can refer to.
package users

import (
	"context"
	"errors"
	"time"

	"encore.dev/beta/auth"
	"encore.dev/beta/errs"
	"encore.dev/rlog"
	"encore.dev/storage/sqldb"
)

var db = sqldb.NewDatabase("users", sqldb.DatabaseConfig{
	Migrations: "./migrations",
})

// queryTimeout bounds one use of the database, so that a call which can't be
// served is refused soon.
const queryTimeout = 3 * time.Second

// EnsureParams are the parameters of Ensure.
type EnsureParams struct {
	// LogtoID is the person's id in Logto: the subject of their tokens.
	LogtoID string
}

// EnsureResponse is the answer of Ensure.
type EnsureResponse struct {
	// ID is the person's internal id.
	ID int64
}

// Ensure makes sure that the person has a row and notes that they were seen,
// to the minute. It returns errs.Unavailable if the database can't be reached.
//
//encore:api private
func Ensure(ctx context.Context, p *EnsureParams) (*EnsureResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()

	// Reading costs a fraction of writing, and nearly every call comes from
	// somebody seen within the minute: they cause no write at all. Only a new
	// person draws an id, so that the ids have no needless gaps.
	var resp EnsureResponse
	err := db.QueryRow(ctx, `
		WITH known AS (
			SELECT id, last_seen_at < now() - INTERVAL '1 minute' AS stale
			FROM users WHERE logto_id = $1
		), seen AS (
			UPDATE users SET last_seen_at = now()
			WHERE id = (SELECT id FROM known WHERE stale)
		), created AS (
			INSERT INTO users (logto_id)
			SELECT $1 WHERE NOT EXISTS (SELECT FROM known)
			ON CONFLICT (logto_id) DO UPDATE SET last_seen_at = now()
			RETURNING id
		)
		SELECT id FROM known UNION ALL SELECT id FROM created
	`, p.LogtoID).Scan(&resp.ID)
	if err != nil {
		return nil, unavailable("ensure user", err)
	}
	return &resp, nil
}

// User is a person's row.
type User struct {
	// ID is the internal id, the one that other tables refer to.
	ID int64 `json:"id"`
	// LogtoID is the id in Logto: the subject of the person's tokens.
	LogtoID string `json:"logto_id"`
	// Username, Email, Phone, Name and Picture are the profile as far as it is known.
	Username *string `json:"username"`
	Email    *string `json:"email"`
	Phone    *string `json:"phone"`
	Name     *string `json:"name"`
	Picture  *string `json:"picture"`
	// Suspended says that the person is locked out.
	Suspended bool `json:"suspended"`
	// CreatedAt is the time of the first call.
	CreatedAt time.Time `json:"created_at"`
	// UpdatedAt is the time of the last change to the profile.
	UpdatedAt time.Time `json:"updated_at"`
	// LastSeenAt is the time of the last call, to the minute.
	LastSeenAt time.Time `json:"last_seen_at"`
}

// Me returns the caller's row. It returns errs.NotFound if it was deleted in
// the meantime, and errs.Unavailable if the database can't be reached.
//
//encore:api auth method=GET path=/users/me
func Me(ctx context.Context) (*User, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()

	uid, _ := auth.UserID()
	u := &User{LogtoID: string(uid)}
	err := db.QueryRow(ctx, `
		SELECT id, username, email, phone, name, picture, suspended, created_at, updated_at, last_seen_at
		FROM users
		WHERE logto_id = $1
	`, u.LogtoID).Scan(&u.ID, &u.Username, &u.Email, &u.Phone, &u.Name, &u.Picture,
		&u.Suspended, &u.CreatedAt, &u.UpdatedAt, &u.LastSeenAt)
	if errors.Is(err, sqldb.ErrNoRows) {
		return nil, &errs.Error{Code: errs.NotFound, Message: "you have no user record: sign in again"}
	} else if err != nil {
		return nil, unavailable("read user", err)
	}
	return u, nil
}

// unavailable logs what the database said and returns what the caller may know
// of it. Encore would send the text of a wrapped error to the client.
func unavailable(doing string, err error) error {
	rlog.Error(doing, "err", err)
	return &errs.Error{Code: errs.Unavailable, Message: "the database is unavailable: try again in a moment"}
}
