package todos

import (
	"context"
	"math"

	"encore.app/internal/cursor"
	"encore.app/internal/fault"
)

// maxCount limits the time for counting.
const maxCount = 1000

const (
	stateOpen = "open"
	stateDone = "done"
)

type ListParams struct {
	// Limit is the page size, from 1 to 100. The default is 20.
	Limit int `query:"limit" encore:"optional"`
	// Cursor is the next_cursor of the previous page, or empty for the first page.
	Cursor string `query:"cursor" encore:"optional" trace:"an id and a digest"`
	// State is "open", "done" or empty for all.
	State string `query:"state" encore:"optional" trace:"not personal data"`
}

type ListResponse struct {
	// Todos is a page of the list, newest first.
	Todos []*Todo `json:"todos"`
	// NextCursor is empty on the last page.
	NextCursor string `json:"next_cursor" trace:"an id and a digest"`
	// OpenCount is for the whole list, at most 1000. It is null unless this is the first page.
	OpenCount *int `json:"open_count"`
	DoneCount *int `json:"done_count"`
}

// List returns a page of the caller's list. It returns errs.InvalidArgument if a
// parameter is not valid or the cursor belongs to another list, and errs.Unavailable if
// the database can't be reached.
//
//encore:api auth sensitive method=GET path=/todos tag:person tag:scope-read-todos
func List(ctx context.Context, p *ListParams) (*ListResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, fault.QueryTimeout)
	defer cancel()

	limit, err := cursor.Limit(p.Limit)
	if err != nil {
		return nil, invalid(err.Error())
	}
	if p.State != "" && p.State != stateOpen && p.State != stateDone {
		return nil, invalid("the state is neither open nor done")
	}
	l := callerList()
	below := int64(math.MaxInt64)
	if p.Cursor != "" {
		last, err := cursor.Decode(l.name(), p.Cursor)
		if err != nil {
			return nil, invalid(err.Error())
		}
		below = last.ID
	}

	// Read one more row to find out whether there is a next page.
	todos, err := page(ctx, l, p.State, below, limit+1)
	if err != nil {
		return nil, fault.Database(ctx, "list todos", err)
	}
	resp := &ListResponse{Todos: todos}
	if len(todos) > limit {
		resp.Todos = todos[:limit]
		resp.NextCursor = cursor.Encode(l.name(), cursor.Position{ID: todos[limit-1].ID})
	}
	if p.Cursor == "" {
		resp.OpenCount, resp.DoneCount = new(int), new(int)
		if err := count(ctx, l, resp.OpenCount, resp.DoneCount); err != nil {
			return nil, fault.Database(ctx, "count todos", err)
		}
	}
	return resp, nil
}

func page(ctx context.Context, l list, state string, below int64, n int) ([]*Todo, error) {
	rows, err := db.Query(ctx, "SELECT "+columns+l.newest(state), l.owner(), below, n)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	todos := []*Todo{} // encoded as [] if empty, not null
	for rows.Next() {
		var t Todo
		if err := rows.Scan(t.fields()...); err != nil {
			return nil, err
		}
		todos = append(todos, &t)
	}
	return todos, rows.Err()
}

func count(ctx context.Context, l list, open, done *int) error {
	return db.QueryRow(ctx, countQuery(l), l.owner(), math.MaxInt64, maxCount).Scan(open, done)
}

func countQuery(l list) string {
	return `SELECT
		(SELECT count(*) FROM (SELECT ` + l.newest(stateOpen) + `) AS open),
		(SELECT count(*) FROM (SELECT ` + l.newest(stateDone) + `) AS done)`
}
