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
	Search string `query:"search" encore:"optional,sensitive"`
	// Limit is the size of a page, from 1 to 100. Absent or 0: 20.
	Limit int `query:"limit" encore:"optional"`
	// Cursor is the next_cursor of the page before, of the same search. Empty:
	// the first page. It holds the name or e-mail of the last person there.
	Cursor string `query:"cursor" encore:"optional,sensitive"`
}

// ListResponse is a page of people.
type ListResponse struct {
	// Users are people. Without a search the newest row comes first. Those found
	// by a search are in alphabetical order of what was found: the name, or the
	// e-mail of those whose name does not begin with the search.
	Users []*User `json:"users"`
	// NextCursor leads to the next page. It is empty on the last one. It holds
	// the name or e-mail of the last person here.
	NextCursor string `json:"next_cursor" encore:"sensitive"`
}

// maxSearch is in characters: the length of the longest name and e-mail in Logto.
const maxSearch = 128

// List returns a page of the people who are known. It returns
// errs.InvalidArgument if a parameter is out of its bounds or the cursor is not
// one of this search, and errs.Unavailable if the database can't be reached.
//
//encore:api auth sensitive method=GET path=/users tag:scope-read-users
func List(ctx context.Context, p *ListParams) (*ListResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, fault.QueryTimeout)
	defer cancel()

	limit, after, err := p.page()
	if err != nil {
		return nil, err
	}
	// One more tells whether there is a next page.
	users, positions, err := find(ctx, p.Search, after, limit+1)
	if err != nil {
		return nil, fault.Database(ctx, "list users", err)
	}
	resp := &ListResponse{Users: users}
	if len(users) > limit {
		resp.Users = users[:limit]
		resp.NextCursor = cursor.Encode(p.list(), positions[limit-1])
	}
	return resp, nil
}

// list names the list that a cursor belongs to.
func (p *ListParams) list() string { return "users:" + p.Search }

// page checks the parameters. It returns the size of the page, and the position
// that it comes after.
func (p *ListParams) page() (limit int, after cursor.Position, err error) {
	invalid := func(message string) (int, cursor.Position, error) {
		return 0, cursor.Position{}, &errs.Error{Code: errs.InvalidArgument, Message: message}
	}
	if limit, err = cursor.Limit(p.Limit); err != nil {
		return invalid(err.Error())
	}
	switch {
	case !utf8.ValidString(p.Search) || strings.ContainsFunc(p.Search, unicode.IsControl):
		return invalid("search is not a text of one line")
	case utf8.RuneCountInString(p.Search) > maxSearch:
		return invalid("search is longer than 128 characters")
	}
	switch {
	case p.Cursor != "":
		if after, err = cursor.Decode(p.list(), p.Cursor); err != nil {
			return invalid(err.Error())
		}
	case p.Search == "":
		after.ID = math.MaxInt64 // from there the ids go down
	}
	return limit, after, nil
}

// find returns up to limit people after the position, and the position of each.
func find(ctx context.Context, search string, after cursor.Position, limit int) ([]*User, []cursor.Position, error) {
	if search == "" {
		return query(ctx, findAll, after.ID, limit)
	}
	// Texts that begin with the search sort between it and this one. Comparing
	// so, other than LIKE, gives % and _ no meaning.
	end := search + string(unicode.MaxRune)
	return query(ctx, findBySearch, search, end, after.Key, after.ID, limit)
}

const findAll = `
	SELECT '' AS key, ` + columns + ` FROM users
	WHERE id < $1 AND deleted_at IS NULL
	ORDER BY id DESC LIMIT $2`

// findBySearch finds everybody once: by the e-mail only if the name does not
// begin with the search as well. Then the search is longer than what the two
// begin with in common, and the index of e-mails is ordered by the length of
// that first. So it has a range for each shorter length, and the index of names
// has one, and a page takes no more than its size from each: however many people
// there are, and however many of them come before it.
//
// Somebody deleted has no name or e-mail, and so is never found.
var findBySearch = `
	WITH found AS (
		(SELECT ` + nameKey + ` AS key, id FROM users WHERE ` + nextInRange(nameKey) + `)
		UNION ALL
		SELECT by_email.* FROM generate_series(0, char_length(lower($1)) - 1) AS in_common, LATERAL (
			SELECT ` + emailKey + ` AS key, id FROM users
			WHERE common_prefix_length(lower(name), lower(email)) = in_common AND ` + nextInRange(emailKey) + `
		) AS by_email
	), page AS MATERIALIZED (
		SELECT key, id FROM found ORDER BY key, id LIMIT $5
	)
	SELECT key, ` + columns + ` FROM page JOIN users USING (id)
	ORDER BY key, id`

// The keys of the indices users_by_name and users_by_email, and of the search.
const (
	nameKey  = `lower(name) COLLATE "C"`
	emailKey = `lower(email) COLLATE "C"`
)

// nextInRange is the condition and order of the next $5 rows whose key begins
// with the search $1, and so is less than $2, after the key $3 and id $4. A
// forged cursor may have a key before the range.
func nextInRange(key string) string {
	return `(` + key + `, id) > (GREATEST($3 COLLATE "C", lower($1)), $4) AND ` + key + ` < lower($2)
		ORDER BY ` + key + `, id LIMIT $5`
}

func query(ctx context.Context, sql string, args ...any) ([]*User, []cursor.Position, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	users := []*User{} // JSON has [] for it, not null
	var positions []cursor.Position
	for rows.Next() {
		u := new(User)
		var p cursor.Position
		if err := rows.Scan(append([]any{&p.Key}, u.fields()...)...); err != nil {
			return nil, nil, err
		}
		p.ID = u.ID
		users, positions = append(users, u), append(positions, p)
	}
	return users, positions, rows.Err()
}
