// Service visits counts in a database.
package visits

import (
	"context"
	"errors"

	"encore.dev/beta/errs"
	"encore.dev/storage/sqldb"
)

var db = sqldb.NewDatabase("visits", sqldb.DatabaseConfig{Migrations: "./migrations"})

// AddParams are the parameters of Add.
type AddParams struct{ Name string }

// CountResponse is how often somebody visited.
type CountResponse struct {
	Count int `json:"count"`
}

// Add counts a visit.
//
//encore:api private
func Add(ctx context.Context, p *AddParams) (*CountResponse, error) {
	var resp CountResponse
	err := db.QueryRow(ctx, `
		INSERT INTO visits (name, count) VALUES ($1, 1)
		ON CONFLICT (name) DO UPDATE SET count = visits.count + 1
		RETURNING count
	`, p.Name).Scan(&resp.Count)
	if err != nil {
		return nil, err
	}
	return &resp, nil
}

// Count tells how often somebody visited.
//
//encore:api public method=GET path=/visits/:name
func Count(ctx context.Context, name string) (*CountResponse, error) {
	var resp CountResponse
	err := db.QueryRow(ctx, `SELECT count FROM visits WHERE name = $1`, name).Scan(&resp.Count)
	if errors.Is(err, sqldb.ErrNoRows) {
		return nil, &errs.Error{Code: errs.NotFound, Message: "never here"}
	} else if err != nil {
		return nil, err
	}
	return &resp, nil
}

// Forget deletes somebody's visits.
//
//encore:api public method=DELETE path=/visits/:name
func Forget(ctx context.Context, name string) error {
	_, err := db.Exec(ctx, `DELETE FROM visits WHERE name = $1`, name)
	return err
}
