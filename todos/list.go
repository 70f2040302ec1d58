package todos

import (
	"context"
	"math"

	"encore.app/internal/cursor"
	"encore.app/internal/fault"
)

// How many todos a page has.
const (
	defaultLimit = 20
	maxLimit     = 100
)

// ListParams are the parameters of List.
type ListParams struct {
	// Limit is how many todos to return at most: from 1 to 100. 0 means 20.
	Limit int `query:"limit" encore:"optional"`
	// Cursor is NextCursor of the page before. It is empty for the first page.
	Cursor string `query:"cursor" encore:"optional"`
}

// ListResponse is the answer of List.
type ListResponse struct {
	// Todos is a page of the list, newest first.
	Todos []*Todo `json:"todos"`
	// NextCursor is the cursor of the next page. It is empty on the last one.
	NextCursor string `json:"next_cursor"`
}

// List returns a page of the caller's list. It returns errs.InvalidArgument for
// a limit out of range or a cursor of another list, and errs.Unavailable if the
// database can't be reached.
//
//encore:api auth sensitive method=GET path=/todos tag:person tag:scope-read-todos
func List(ctx context.Context, p *ListParams) (*ListResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()

	limit := p.Limit
	if limit == 0 {
		limit = defaultLimit
	}
	if limit < 1 || limit > maxLimit {
		return nil, invalid("the limit is not from 1 to 100")
	}
	l := callersList()
	below := int64(math.MaxInt64)
	if p.Cursor != "" {
		last, err := cursor.Decode(l.name(), p.Cursor)
		if err != nil {
			return nil, invalid(err.Error())
		}
		below = last.ID
	}

	// One more than asked for tells whether there is another page.
	todos, err := page(ctx, l, below, limit+1)
	if err != nil {
		return nil, fault.Database(ctx, "list todos", err)
	}
	resp := &ListResponse{Todos: todos}
	if len(todos) > limit {
		resp.Todos = todos[:limit]
		resp.NextCursor = cursor.Encode(l.name(), cursor.Position{ID: todos[limit-1].ID})
	}
	return resp, nil
}

// page returns the newest n todos of the list with ids below one.
func page(ctx context.Context, l list, below int64, n int) ([]*Todo, error) {
	condition, order := l.below()
	rows, err := db.Query(ctx, `
		SELECT `+columns+` FROM todos
		WHERE `+condition+`
		ORDER BY `+order+`
		LIMIT $3
	`, l.owner(), below, n)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	todos := []*Todo{} // an empty list is [] in JSON, not null
	for rows.Next() {
		var t Todo
		if err := rows.Scan(t.fields()...); err != nil {
			return nil, err
		}
		todos = append(todos, &t)
	}
	return todos, rows.Err()
}
