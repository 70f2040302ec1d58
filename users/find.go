package users

import (
	"context"
	"errors"

	"encore.dev/storage/sqldb"

	"encore.app/internal/fault"
)

// FindParams are the parameters of Find.
type FindParams struct {
	// LogtoID is the person's id in Logto.
	LogtoID string `trace:"the user id, which Encore notes of each call"`
}

// Find answers as Ensure, and makes and changes no row: it is for those who have
// a token for another API, which is no call to this application. The ID is 0 for
// somebody who has no row.
//
// It returns errs.Unavailable if the database can't be reached.
//
//encore:api private
func Find(ctx context.Context, p *FindParams) (*EnsureResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	resp := new(EnsureResponse)
	err := db.QueryRow(ctx, `
		SELECT id, suspended, deleted_at IS NOT NULL FROM users WHERE logto_id = $1
		UNION ALL
		SELECT 0, suspended, deleted_at IS NOT NULL FROM forgotten WHERE logto_id = $1
		LIMIT 1
	`, p.LogtoID).Scan(&resp.ID, &resp.Suspended, &resp.Deleted)
	if err != nil && !errors.Is(err, sqldb.ErrNoRows) {
		return nil, fault.Database(ctx, "find user", err)
	}
	return resp, nil
}
