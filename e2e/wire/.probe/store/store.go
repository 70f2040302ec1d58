// Service store has a database and a topic.
package store

import (
	"context"
	"errors"

	"encore.dev/beta/errs"
	"encore.dev/storage/sqldb"
)

var db = sqldb.NewDatabase("visits", sqldb.DatabaseConfig{Migrations: "./migrations"})

// VisitParams are the parameters of Visit.
type VisitParams struct{ Name string }

// CountResponse is the number of somebody's visits.
type CountResponse struct {
	Count int `json:"count"`
}

//encore:api private
func Visit(ctx context.Context, p *VisitParams) (*CountResponse, error) {
	var resp CountResponse
	err := db.QueryRow(ctx, `
		INSERT INTO visits (name, count) VALUES ($1, 1)
		ON CONFLICT (name) DO UPDATE SET count = visits.count + 1
		RETURNING count
	`, p.Name).Scan(&resp.Count)
	return &resp, err
}

// NamesResponse has the names of visitors.
type NamesResponse struct {
	Names []string `json:"names"`
}

//encore:api public method=GET path=/visitors/:prefix
func List(ctx context.Context, prefix string) (*NamesResponse, error) {
	rows, err := db.Query(ctx, `SELECT name FROM visits WHERE starts_with(name, $1) ORDER BY name`, prefix)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	resp := &NamesResponse{Names: []string{}}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		resp.Names = append(resp.Names, name)
	}
	return resp, rows.Err()
}

// ErrorResponse is an error as the service sees it.
type ErrorResponse struct {
	Code   string `json:"code"`
	NoRows bool   `json:"no_rows"`
}

func describe(err error) (*ErrorResponse, error) {
	return &ErrorResponse{errs.Code(err).String(), errors.Is(err, sqldb.ErrNoRows)}, nil
}

//encore:api public method=POST path=/transaction/:prefix/:end
func Transaction(ctx context.Context, prefix, end string) (*ErrorResponse, error) {
	tx, err := db.Begin(ctx)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	if _, err := tx.Exec(ctx, `INSERT INTO visits (name, count) VALUES ($1, 1)`, prefix+"1"); err != nil {
		return nil, err
	}
	var name string
	if err := tx.QueryRow(ctx, `INSERT INTO visits (name, count) VALUES ($1, 1) RETURNING name`, prefix+"2").Scan(&name); err != nil {
		return nil, err
	}
	switch end {
	case "commit":
		return describe(tx.Commit())
	case "rollback":
		return describe(tx.Rollback())
	case "rollback after commit":
		if err := tx.Commit(); err != nil {
			return nil, err
		}
		return describe(tx.Rollback())
	}
	_, err = tx.Exec(ctx, `INSERT INTO visits (name, count) VALUES ($1, 1)`, name)
	if end == "commit after error" {
		err = tx.Commit()
	}
	return describe(err)
}

//encore:api public method=GET path=/statement/:kind
func StatementError(ctx context.Context, kind string) (*ErrorResponse, error) {
	var err error
	switch kind {
	case "null":
		_, err = db.Exec(ctx, `INSERT INTO visits (name, count) VALUES ('null', NULL)`)
	case "syntax":
		_, err = db.Query(ctx, `SELEC 1`)
	case "no row":
		err = db.QueryRow(ctx, `SELECT 1 WHERE false`).Scan(new(int))
	case "wrong type":
		err = db.QueryRow(ctx, `SELECT 'a'`).Scan(new(int))
	case "canceled":
		canceled, cancel := context.WithCancel(ctx)
		cancel()
		_, err = db.Exec(canceled, `SELECT 1`)
	case "in a later row":
		var rows *sqldb.Rows
		if rows, err = db.Query(ctx, `SELECT 1 / (3 - n) FROM generate_series(1, 5) AS n`); err != nil {
			return nil, err
		}
		for rows.Next() {
		}
		err = rows.Err()
	}
	return describe(err)
}
