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

// forgetInterval is how long whoever was forgotten and came back must wait until
// they can be forgotten again. Each time costs the other services a deletion, and
// Logto a question about the newcomer.
const forgetInterval = time.Minute

// Forget deletes the caller's row, and by the topic Deleted all that the other
// services keep of them. Whoever calls again afterwards is new here. Somebody
// who is forgotten already stays so.
//
// It returns errs.PermissionDenied to somebody suspended, so that they can't get
// rid of that, errs.Unauthenticated if they were deleted in Logto,
// errs.ResourceExhausted if they were forgotten within the minute and are back,
// and errs.Unavailable if the database can't be reached.
//
//encore:api auth sensitive method=DELETE path=/users/me tag:no-scope tag:person
func Forget(ctx context.Context) error {
	uid, _ := auth.UserID()
	_, err := forget(ctx, string(uid))
	return err
}

// forget deletes the person's row and leaves the news of it to be published. It
// returns the id, or 0 if there was no row.
func forget(ctx context.Context, logtoID string) (userID int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	err = inTransaction(ctx, func(tx *sqldb.Tx) ([]string, error) {
		if err := lockPeople(ctx, tx, logtoID); err != nil {
			return nil, err
		}
		if _, err := tx.Exec(ctx, `
			INSERT INTO forgotten (logto_id) VALUES ($1)
			ON CONFLICT (logto_id) DO UPDATE SET suspended = FALSE, deleted_at = NULL, forgotten_at = now()
		`, logtoID); err != nil {
			return nil, err
		}
		err := tx.QueryRow(ctx, `
			WITH gone AS (
				DELETE FROM users WHERE logto_id = $1 AND NOT suspended AND deleted_at IS NULL
					AND (forgotten_at > now() - $2 * INTERVAL '1 second') IS NOT TRUE
				RETURNING id, logto_updated_at
			), told AS (
				INSERT INTO deletions (user_id, due_at) SELECT id, now() FROM gone
			), kept AS (
				-- News older than the state held is older for whoever comes back, too.
				UPDATE forgotten SET logto_updated_at = gone.logto_updated_at FROM gone WHERE logto_id = $1
			)
			SELECT id FROM gone
		`, logtoID, forgetInterval.Seconds()).Scan(&userID)
		if errors.Is(err, sqldb.ErrNoRows) {
			return nil, whyLeft(ctx, tx, logtoID)
		}
		return []string{logtoID}, err
	})
	var lately errForgottenLately
	switch {
	case err == nil:
		return userID, nil
	case errors.As(err, &lately):
		return 0, fault.TooMany("you were forgotten a moment ago and have come back: try again later", time.Duration(lately))
	case errors.Is(err, errNotThere):
		return 0, nil
	case errors.Is(err, errDeleted):
		return 0, &errs.Error{Code: errs.Unauthenticated, Message: "your account was deleted"}
	case errors.Is(err, errSuspended):
		return 0, &errs.Error{Code: errs.PermissionDenied, Message: "your account is suspended"}
	}
	return 0, fault.Database(ctx, "forget user", err)
}

var (
	errNotThere  = errors.New("there is no row, or one that was made since")
	errDeleted   = errors.New("deleted in Logto")
	errSuspended = errors.New("suspended")
)

// errForgottenLately is how long the person must wait.
type errForgottenLately time.Duration

func (e errForgottenLately) Error() string {
	return "to be forgotten again in " + time.Duration(e).String()
}

// whyLeft returns why no row of the person was deleted.
func whyLeft(ctx context.Context, tx *sqldb.Tx, logtoID string) error {
	var suspended, deleted bool
	var wait float64 // seconds
	err := tx.QueryRow(ctx, `
		SELECT suspended, deleted_at IS NOT NULL, COALESCE($2 - EXTRACT(EPOCH FROM now() - forgotten_at), 0)::float8
		FROM users WHERE logto_id = $1
	`, logtoID, forgetInterval.Seconds()).Scan(&suspended, &deleted, &wait)
	switch {
	case errors.Is(err, sqldb.ErrNoRows):
		return errNotThere
	case err != nil:
		return err
	case deleted:
		return errDeleted
	case suspended:
		return errSuspended
	case wait > 0:
		return errForgottenLately(wait * float64(time.Second))
	}
	return errNotThere
}
