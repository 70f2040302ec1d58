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

type ListParams struct {
	// Search finds people whose name or e-mail starts with it, ignoring case. It has
	// at most 128 characters. If empty, everybody is listed.
	Search string `query:"search" encore:"optional,sensitive"`
	// Limit is the page size, from 1 to 100. The default is 20.
	Limit int `query:"limit" encore:"optional"`
	// Cursor is the next_cursor of the previous page of the same search, or empty for
	// the first page. It contains a person's name or e-mail.
	Cursor string `query:"cursor" encore:"optional,sensitive"`
}

// ListResponse is a page of people.
type ListResponse struct {
	// Users are sorted newest first. Search results are sorted by what matched: the
	// name, or the e-mail if the name doesn't match.
	Users []*User `json:"users"`
	// NextCursor is empty on the last page. It contains a person's name or e-mail.
	NextCursor string `json:"next_cursor" encore:"sensitive"`
}

// maxSearch is the length of the longest name and e-mail in Logto, in characters.
const maxSearch = 128

// List returns a page of people. It returns errs.InvalidArgument if a parameter is
// out of range or the cursor belongs to another search, and errs.Unavailable if the
// database can't be reached.
//
//encore:api auth sensitive method=GET path=/users tag:scope-read-users
func List(ctx context.Context, p *ListParams) (*ListResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, fault.QueryTimeout)
	defer cancel()

	limit, after, err := p.page()
	if err != nil {
		return nil, err
	}
	// Read one more row to find out whether there is a next page.
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

func (p *ListParams) list() string { return "users:" + p.Search }

// page returns the page size and the position of the last row of the previous page.
func (p *ListParams) page() (limit int, after cursor.Position, err error) {
	invalid := func(message string) (int, cursor.Position, error) {
		return 0, cursor.Position{}, &errs.Error{Code: errs.InvalidArgument, Message: message}
	}
	if limit, err = cursor.Limit(p.Limit); err != nil {
		return invalid(err.Error())
	}
	switch {
	case !utf8.ValidString(p.Search) || strings.ContainsFunc(p.Search, unicode.IsControl):
		return invalid("search has a control character or is not valid UTF-8")
	case utf8.RuneCountInString(p.Search) > maxSearch:
		return invalid("search is longer than 128 characters")
	}
	switch {
	case p.Cursor != "":
		if after, err = cursor.Decode(p.list(), p.Cursor); err != nil {
			return invalid(err.Error())
		}
	case p.Search == "":
		after.ID = math.MaxInt64 // ids are in descending order
	}
	return limit, after, nil
}

func find(ctx context.Context, search string, after cursor.Position, limit int) ([]*User, []cursor.Position, error) {
	if search == "" {
		return query(ctx, findAll, after.ID, limit)
	}
	// A range finds the prefix. LIKE would treat % and _ as wildcards.
	end := search + string(unicode.MaxRune)
	return query(ctx, findBySearch, search, end, after.Key, after.ID, limit)
}

const findAll = `
	SELECT '' AS key, ` + columns + ` FROM users
	WHERE id < $1 AND deleted_at IS NULL
	ORDER BY id DESC LIMIT $2`

// findBySearch returns each person once: matches by name, and matches by e-mail if the
// name doesn't match. Deleted people have neither.
//
// The name doesn't match exactly if the common prefix of name and e-mail is shorter than
// the search. The index of e-mails starts with the length of that prefix, so the search
// reads one range per shorter length, and one range of the index of names. Each range
// reads at most one page of rows.
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

// The expressions of the indexes users_by_name and users_by_email.
const (
	nameKey  = `lower(name) COLLATE "C"`
	emailKey = `lower(email) COLLATE "C"`
)

// nextInRange returns a WHERE condition and ORDER BY for the next $5 rows whose key
// starts with $1 ($2 is the end of that range), after the key $3 and id $4. GREATEST
// is for a forged cursor with a key before the range.
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
	users := []*User{} // encoded as [] if empty, not null
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
