package visits

import (
	"context"
	"errors"

	"encore.dev/beta/errs"
	"encore.dev/storage/sqldb"
)

// ListResponse are all who visited.
type ListResponse struct {
	Names []string `json:"names"`
}

// List tells who visited, by a query of several rows.
//
//encore:api public method=GET path=/visitors/:prefix
func List(ctx context.Context, prefix string) (*ListResponse, error) {
	rows, err := db.Query(ctx, `SELECT name FROM visits WHERE starts_with(name, $1) ORDER BY name`, prefix)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	resp := &ListResponse{Names: []string{}}
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
	Code string `json:"code"`
	SQL  string `json:"sql"`
	Rows bool   `json:"rows"`
}

// errorOf returns what a service sees of err.
func errorOf(err error) *ErrorResponse {
	return &ErrorResponse{errs.Code(err).String(), string(sqldb.ErrCode(err)), !errors.Is(err, sqldb.ErrNoRows)}
}

// Transaction adds two visitors in one transaction, and ends that as told.
//
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
	rows, err := tx.Query(ctx, `SELECT name FROM visits WHERE starts_with(name, $1)`, prefix)
	if err != nil {
		return nil, err
	}
	for rows.Next() {
	}
	switch end {
	case "commit":
		return errorOf(tx.Commit()), nil
	case "rollback":
		return errorOf(tx.Rollback()), nil
	case "commit-twice":
		if err := tx.Commit(); err != nil {
			return nil, err
		}
		return errorOf(tx.Commit()), nil
	case "rollback-after-commit":
		if err := tx.Commit(); err != nil {
			return nil, err
		}
		return errorOf(tx.Rollback()), nil
	case "duplicate":
		_, err = tx.Exec(ctx, `INSERT INTO visits (name, count) VALUES ($1, 1)`, name)
		return errorOf(err), nil
	case "commit-after-error":
		_, _ = tx.Exec(ctx, `INSERT INTO visits (name, count) VALUES ($1, 1)`, name)
		return errorOf(tx.Commit()), nil
	case "use-after-error":
		_, _ = tx.Exec(ctx, `INSERT INTO visits (name, count) VALUES ($1, 1)`, name)
		_, err = tx.Exec(ctx, `SELECT 1`)
		return errorOf(err), nil
	}
	return nil, nil // rolled back by the deferred call
}

// StatementError runs a statement that fails, and tells how.
//
//encore:api public method=GET path=/statement/:kind
func StatementError(ctx context.Context, kind string) (*ErrorResponse, error) {
	var err error
	switch kind {
	case "null":
		_, err = db.Exec(ctx, `INSERT INTO visits (name, count) VALUES ('null', NULL)`)
	case "syntax":
		_, err = db.Query(ctx, `SELEC 1`)
	case "syntax-of-row":
		err = db.QueryRow(ctx, `SELEC 1`).Scan(new(int))
	case "none":
		err = db.QueryRow(ctx, `SELECT 1 WHERE false`).Scan(new(int))
	case "other-type":
		err = db.QueryRow(ctx, `SELECT 'a'`).Scan(new(int))
	case "cancelled":
		cancelled, cancel := context.WithCancel(ctx)
		cancel()
		_, err = db.Exec(cancelled, `SELECT 1`)
	case "rows-syntax", "rows-late":
		statement := `SELEC 1`
		if kind == "rows-late" {
			statement = `SELECT 1 / (3 - n) FROM generate_series(1, 5) AS n`
		}
		rows, queryErr := db.Query(ctx, statement)
		if queryErr != nil {
			return errorOf(queryErr), nil
		}
		for rows.Next() {
		}
		err = rows.Err()
	}
	return errorOf(err), nil
}
