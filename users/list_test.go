package users

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"encore.dev/beta/errs"
)

// mustAdd makes a person with a name and e-mail. It returns the id.
func mustAdd(t testing.TB, name, email string) int64 {
	t.Helper()
	p := EnsureParams{LogtoID: rand.Text(), IssuedAt: time.Now()}
	if name != "" {
		p.Name = &name
	}
	if email != "" {
		p.Email = &email
	}
	resp, err := Ensure(t.Context(), &p)
	if err != nil {
		t.Fatal(err)
	}
	return resp.ID
}

// mustList returns the ids on all pages.
func mustList(t *testing.T, search string, limit int) (ids []int64) {
	t.Helper()
	p := &ListParams{Search: search, Limit: limit}
	for {
		resp, err := List(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if resp.Users == nil || (len(resp.Users) == 0 && resp.NextCursor != "") || len(resp.Users) > limit {
			t.Fatalf("a page of %d at the limit %d, next cursor %q", len(resp.Users), limit, resp.NextCursor)
		}
		for _, u := range resp.Users {
			ids = append(ids, u.ID)
		}
		if p.Cursor = resp.NextCursor; p.Cursor == "" {
			return ids
		}
	}
}

func TestList_Pages(t *testing.T) {
	mark := rand.Text()
	var want []int64
	for i := range 7 {
		want = append(want, mustAdd(t, fmt.Sprint(mark, i), ""))
	}
	slices.Reverse(want)
	for _, limit := range []int{1, 2, 6, 7, 8, 100} {
		if got := mustList(t, mark, limit); !slices.Equal(got, want) {
			t.Errorf("limit %d: ids = %v, want %v", limit, got, want)
		}
	}

	first, err := List(t.Context(), &ListParams{})
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i < len(first.Users); i++ {
		if first.Users[i].ID >= first.Users[i-1].ID {
			t.Fatalf("row %d of %v is not the newest below", i, first.Users)
		}
	}

	t.Run("somebody new moves nobody to the next page", func(t *testing.T) {
		page, err := List(t.Context(), &ListParams{Search: mark, Limit: 3})
		if err != nil {
			t.Fatal(err)
		}
		mustAdd(t, mark, "")
		page, err = List(t.Context(), &ListParams{Search: mark, Limit: 3, Cursor: page.NextCursor})
		if err != nil {
			t.Fatal(err)
		}
		if page.Users[0].ID != want[3] {
			t.Errorf("the second page begins with %d, want %d", page.Users[0].ID, want[3])
		}
	})
}

func TestList_Search(t *testing.T) {
	mark := strings.ToLower(rand.Text())
	add := func(name, email string) int64 { return mustAdd(t, name, email) }
	both := add(mark+" Alice", mark+"@example.com")
	name := add(strings.ToUpper(mark)+" ÉMILE %_\\", "")
	email := add("", strings.ToUpper(mark)+".bob@example.com")
	add("not "+mark, "not."+mark+"@example.com")

	for search, want := range map[string][]int64{
		mark:                            {email, name, both},
		strings.ToUpper(mark):           {email, name, both},
		mark + " ":                      {name, both},
		mark + " alice":                 {both},
		mark + " alice ":                {},
		mark + " émile":                 {name},
		mark + " ÉmIlE %":               {name},
		mark + " émile %_\\":            {name},
		mark + "%":                      {},
		mark + "_":                      {},
		mark[:len(mark)-1] + "_":        {},
		"%" + mark:                      {},
		mark + "@":                      {both},
		mark + ".BOB@example.com":       {email},
		mark + "\U0010FFFF":             {},
		mark + "'; DROP TABLE users --": {},
		mark + strings.Repeat("é", maxSearch-len(mark)): {},
	} {
		if got := mustList(t, search, 2); !slices.Equal(got, want) {
			t.Errorf("%q: ids = %v, want %v", search, got, want)
		}
	}
}

// TestList_ManyMatches: where the search goes the other way it finds the same.
func TestList_ManyMatches(t *testing.T) {
	mark := strings.ToLower(rand.Text())
	if _, err := db.Exec(t.Context(), `
		INSERT INTO users (logto_id, name, email)
		SELECT $1 || i, CASE WHEN i % 3 > 0 THEN upper($1) || ' É' || i END, CASE WHEN i % 2 > 0 THEN $1 || i || '@example.com' END
		FROM generate_series(1, 1800) AS i
	`, mark); err != nil {
		t.Fatal(err)
	}
	find := func(search string) (logtoIDs []string) {
		p := &ListParams{Search: search, Limit: maxLimit}
		for {
			resp, err := List(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			for _, u := range resp.Users {
				logtoIDs = append(logtoIDs, strings.TrimPrefix(u.LogtoID, mark))
			}
			if p.Cursor = resp.NextCursor; p.Cursor == "" {
				return logtoIDs
			}
		}
	}
	matches := func(match func(i int) bool) (want []string) {
		for i := 1800; i > 0; i-- {
			if match(i) {
				want = append(want, fmt.Sprint(i))
			}
		}
		return want
	}
	for search, want := range map[string][]string{
		mark:          matches(func(i int) bool { return i%3 > 0 || i%2 > 0 }),
		mark + " é":   matches(func(i int) bool { return i%3 > 0 }),
		mark + " É17": matches(func(i int) bool { return i%3 > 0 && strings.HasPrefix(fmt.Sprint(i), "17") }),
		mark + "_":    nil,
	} {
		if got := find(search); !slices.Equal(got, want) {
			t.Errorf("%q: %d people, want %d", search, len(got), len(want))
		}
	}
}

func TestList_ErrInvalidArgument(t *testing.T) {
	mark := rand.Text()
	mustAdd(t, mark, "")
	mustAdd(t, mark, "")
	page, err := List(t.Context(), &ListParams{Search: mark, Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		params  ListParams
		message string
	}{
		{"negative limit", ListParams{Limit: -1}, "limit is not from 1 to 100"},
		{"limit too high", ListParams{Limit: 101}, "limit is not from 1 to 100"},
		{"NUL", ListParams{Search: "a\x00"}, "search is not a text of one line"},
		{"line feed", ListParams{Search: "a\nb"}, "search is not a text of one line"},
		{"C1 control character", ListParams{Search: "a\u0085"}, "search is not a text of one line"},
		{"invalid UTF-8", ListParams{Search: "a\xff"}, "search is not a text of one line"},
		{"surrogate", ListParams{Search: "a\xed\xa0\x80"}, "search is not a text of one line"},
		{"search too long", ListParams{Search: strings.Repeat("é", maxSearch+1)}, "search is longer than 128 characters"},
		{"search of 1 MB", ListParams{Search: strings.Repeat("a", 1<<20)}, "search is longer than 128 characters"},
		{"no cursor", ListParams{Cursor: "7"}, "the cursor is not one of this list"},
		{"cursor of another search", ListParams{Cursor: page.NextCursor}, "the cursor is not one of this list"},
		{"cursor of another letter case", ListParams{Search: strings.ToLower(mark), Cursor: page.NextCursor}, "the cursor is not one of this list"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			// Asked of the endpoint itself: a call of it has no invalid UTF-8.
			_, _, err := tt.params.page()
			if e, ok := err.(*errs.Error); !ok || e.Code != errs.InvalidArgument || e.ErrorMessage() != tt.message {
				t.Errorf("err = %v, want %s", err, tt.message)
			}
		})
	}
}

// TestList_Cost: whatever is searched for, and however deep the page lies, few
// blocks of the database are read, with a plan for this search and with one for
// all. A table of this many people has some 6,000 blocks, and each index 1,000.
func TestList_Cost(t *testing.T) {
	const people, allowed = 100_000, 2200
	tx, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	exec := func(sql string, args ...any) {
		t.Helper()
		if _, err := tx.Exec(t.Context(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	// Behind this mark in the indices are not even leftovers of another run.
	mark := fmt.Sprintf("\U0010FFFD%d", time.Now().UnixNano())
	var first int64
	if err := tx.QueryRow(t.Context(), `
		WITH added AS (
			INSERT INTO users (logto_id, name, email, picture)
			SELECT $1::text || i, $1::text || CASE WHEN i % 3 = 0 THEN 'broad' WHEN i % 1000 = 1 THEN 'narrow' ELSE md5(i::text) END,
				$1::text || md5(i::text) || '@example.com', 'https://pictures.example/' || repeat(md5(i::text), 8)
			FROM generate_series(1, $2::int) AS i
			RETURNING id
		) SELECT min(id) FROM added
	`, mark, people).Scan(&first); err != nil {
		t.Fatal(err)
	}
	for name, statement := range map[string]struct{ params, sql string }{
		"find_all":  {"bigint, int", findAll},
		"more_than": {"text, text, int", moreThan},
		"find_few":  {"text, text, bigint, int", findFew},
		"find_many": {"text, bigint, int", findMany},
	} {
		exec("PREPARE " + name + " (" + statement.params + ") AS " + statement.sql)
		defer exec("DEALLOCATE " + name) // else it outlives the transaction
	}
	newest, deep := first+people, first+people/100
	for _, mode := range []string{"force_custom_plan", "force_generic_plan"} {
		exec("SET LOCAL plan_cache_mode = " + mode)
		for name, call := range map[string]string{
			"everybody":           fmt.Sprintf("find_all (%d, 21)", newest),
			"everybody, deep":     fmt.Sprintf("find_all (%d, 21)", deep),
			"is it broad: all":    fmt.Sprintf("more_than ('%s', '%s', 1000)", mark, mark+"\U0010FFFF"),
			"is it broad: broad":  fmt.Sprintf("more_than ('%sb', '%s', 1000)", mark, mark+"b\U0010FFFF"),
			"is it broad: narrow": fmt.Sprintf("more_than ('%sn', '%s', 1000)", mark, mark+"n\U0010FFFF"),
			"is it broad: nobody": fmt.Sprintf("more_than ('%s-', '%s', 1000)", mark, mark+"-\U0010FFFF"),
			"narrow":              fmt.Sprintf("find_few ('%sn', '%s', %d, 21)", mark, mark+"n\U0010FFFF", newest),
			"narrow, deep":        fmt.Sprintf("find_few ('%sn', '%s', %d, 21)", mark, mark+"n\U0010FFFF", deep),
			"nobody":              fmt.Sprintf("find_few ('%s-', '%s', %d, 21)", mark, mark+"-\U0010FFFF", newest),
			"all":                 fmt.Sprintf("find_many ('%s', %d, 21)", mark, newest),
			"broad":               fmt.Sprintf("find_many ('%sb', %d, 21)", mark, newest),
			"broad, deep":         fmt.Sprintf("find_many ('%sb', %d, 21)", mark, deep),
		} {
			var explained []byte
			if err := tx.QueryRow(t.Context(), "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE "+call).Scan(&explained); err != nil {
				t.Fatal(err)
			}
			var plans []struct {
				Plan struct {
					Hit  int `json:"Shared Hit Blocks"`
					Read int `json:"Shared Read Blocks"`
				}
			}
			if err := json.Unmarshal(explained, &plans); err != nil || len(plans) != 1 {
				t.Fatalf("%s: %s", err, explained)
			}
			if blocks := plans[0].Plan.Hit + plans[0].Plan.Read; blocks > allowed {
				t.Errorf("%s, %s: %d blocks, want %d at most: %s", name, mode, blocks, allowed, explained)
			} else {
				t.Logf("%s, %s: %d blocks", name, mode, blocks)
			}
		}
	}
}
