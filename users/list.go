package users

import (
	"context"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"encore.dev/beta/errs"

	"encore.app/internal/cursor"
	"encore.app/internal/fault"
)

// ListParams are the parameters of List.
type ListParams struct {
	// Search keeps those whose name or e-mail begins with it, in any letter
	// case. Empty: everybody. Up to 128 characters.
	Search string `query:"search"`
	// Limit is the size of a page, from 1 to 100. Absent or 0: 20.
	Limit int `query:"limit"`
	// Cursor is the next_cursor of the page before, of the same search. Empty:
	// the first page.
	Cursor string `query:"cursor"`
}

// ListResponse is a page of people.
type ListResponse struct {
	// Users are people, newest row first.
	Users []*User `json:"users"`
	// NextCursor leads to the next page. It is empty on the last one.
	NextCursor string `json:"next_cursor"`
}

const (
	defaultLimit = 20
	maxLimit     = 100
	maxSearch    = 128 // characters: the longest name and e-mail in Logto
)

// List returns a page of the people who are known, newest first. It returns
// errs.InvalidArgument if a parameter is out of its bounds or the cursor is not
// one of this search, and errs.Unavailable if the database can't be reached.
//
//encore:api auth method=GET path=/users tag:scope-read-users
func List(ctx context.Context, p *ListParams) (*ListResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()

	limit, below, err := p.page()
	if err != nil {
		return nil, err
	}
	// One more tells whether there is a next page.
	users, err := find(ctx, p.Search, below, limit+1)
	if err != nil {
		return nil, fault.Database(ctx, "list users", err)
	}
	resp := &ListResponse{Users: users}
	if len(users) > limit {
		resp.Users = users[:limit]
		resp.NextCursor = cursor.Encode(p.list(), users[limit-1].ID)
	}
	return resp, nil
}

// list names the list that a cursor belongs to.
func (p *ListParams) list() string { return "users:" + p.Search }

// page checks the parameters. It returns the size of the page, and the id that
// those on it are below.
func (p *ListParams) page() (limit int, below int64, err error) {
	invalid := func(message string) (int, int64, error) {
		return 0, 0, &errs.Error{Code: errs.InvalidArgument, Message: message}
	}
	switch {
	case p.Limit < 0 || p.Limit > maxLimit:
		return invalid("limit is not from 1 to 100")
	case !utf8.ValidString(p.Search) || strings.ContainsFunc(p.Search, unicode.IsControl):
		return invalid("search is not a text of one line")
	case utf8.RuneCountInString(p.Search) > maxSearch:
		return invalid("search is longer than 128 characters")
	}
	limit, below = p.Limit, math.MaxInt64
	if limit == 0 {
		limit = defaultLimit
	}
	if p.Cursor != "" {
		if below, err = cursor.Decode(p.list(), p.Cursor); err != nil {
			return invalid("the cursor is not one of this list")
		}
	}
	return limit, below, nil
}

// find returns up to limit people with ids below that one, newest first.
func find(ctx context.Context, search string, below int64, limit int) ([]*User, error) {
	if search == "" {
		return query(ctx, findAll, below, limit)
	}
	// Somebody deleted has no name or e-mail, and so is never found.
	//
	// Texts that begin with the search sort between it and this one. Comparing
	// so, other than LIKE, gives % and _ no meaning.
	end := search + string(unicode.MaxRune)

	// There are two ways to a page, each cheap where the other is not, and the
	// planner can't tell which: it plans for any search at once. If few match,
	// they are taken from the indices and sorted. If many do, walking down the
	// ids comes upon enough of them soon.
	const few = 1000
	var many bool
	if err := db.QueryRow(ctx, moreThan, search, end, few).Scan(&many); err != nil {
		return nil, err
	}
	if many {
		return query(ctx, findMany, search, below, limit)
	}
	return query(ctx, findFew, search, end, below, limit)
}

const (
	findAll = `
		SELECT ` + columns + ` FROM users
		WHERE id < $1 AND deleted_at IS NULL
		ORDER BY id DESC LIMIT $2`

	// moreThan walks up an index from the search, past $3 entries, and looks
	// whether the next one is still a match.
	moreThan = `
		SELECT EXISTS (
			SELECT FROM (
				SELECT lower(name) AS key FROM users WHERE lower(name) ~>=~ lower($1)
				ORDER BY lower(name) USING ~<~ OFFSET $3 LIMIT 1
			) AS beyond WHERE key ~<~ lower($2)
		) OR EXISTS (
			SELECT FROM (
				SELECT lower(email) AS key FROM users WHERE lower(email) ~>=~ lower($1)
				ORDER BY lower(email) USING ~<~ OFFSET $3 LIMIT 1
			) AS beyond WHERE key ~<~ lower($2)
		)`

	findFew = `
		WITH hits AS MATERIALIZED (
			SELECT id FROM users WHERE lower(name) ~>=~ lower($1) AND lower(name) ~<~ lower($2)
			UNION
			SELECT id FROM users WHERE lower(email) ~>=~ lower($1) AND lower(email) ~<~ lower($2)
		), page AS MATERIALIZED (
			SELECT id FROM hits WHERE id < $3 ORDER BY id DESC LIMIT $4
		)
		SELECT ` + columns + ` FROM users
		WHERE id IN (SELECT id FROM page)
		ORDER BY id DESC`

	// Of a condition inside COALESCE the planner thinks that it holds for every
	// other row and can use no index, so it walks down the ids.
	findMany = `
		SELECT ` + columns + ` FROM users
		WHERE id < $2 AND (
			COALESCE(starts_with(lower(name), lower($1)), FALSE) OR
			COALESCE(starts_with(lower(email), lower($1)), FALSE))
		ORDER BY id DESC LIMIT $3`
)

func query(ctx context.Context, sql string, args ...any) ([]*User, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	users := []*User{} // JSON has [] for it, not null
	for rows.Next() {
		u := new(User)
		if err := u.scan(rows); err != nil {
			return nil, err
		}
		users = append(users, u)
	}
	return users, rows.Err()
}
