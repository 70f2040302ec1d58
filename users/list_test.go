package users

import (
	"crypto/rand"
	"fmt"
	"math"
	mathrand "math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"encore.dev/beta/errs"

	"encore.app/internal/cursor"
	"encore.app/internal/querytest"
	"encore.app/users/logto"
)

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

func mustList(t *testing.T, search string, limit int) (ids []int64) {
	t.Helper()
	p := &ListParams{Search: search, Limit: limit}
	for {
		resp, err := List(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if resp.Users == nil || (len(resp.Users) == 0 && resp.NextCursor != "") || len(resp.Users) > limit {
			t.Fatalf("page of %d with limit %d, next cursor %q", len(resp.Users), limit, resp.NextCursor)
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
		want = append(want, mustAdd(t, fmt.Sprint(mark, i/2), "")) // same names are sorted by id
	}
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
			t.Fatalf("row %d of %v is newer than the one before", i, first.Users)
		}
	}

	t.Run("new person does not shift the next page", func(t *testing.T) {
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
			t.Errorf("second page starts with %d, want %d", page.Users[0].ID, want[3])
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
		mark:                            {both, name, email},
		strings.ToUpper(mark):           {both, name, email},
		mark + " ":                      {both, name},
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

// TestList_SearchFindsEachOnce changes people at random between the pages of a search.
func TestList_SearchFindsEachOnce(t *testing.T) {
	random := mathrand.New(mathrand.NewPCG(1, 2))
	mark := strings.ToLower(rand.Text())
	type person struct{ name, email *string }
	some := func() *string {
		text := []string{mark, "", "other"}[random.IntN(3)]
		for range random.IntN(5) {
			text += []string{"a", "B", "É", "_"}[random.IntN(4)]
		}
		if text == "" {
			return nil
		}
		return &text
	}
	people := map[int64]person{}
	add := func(n int) {
		for range n {
			p, id := person{some(), some()}, int64(0)
			if err := db.QueryRow(t.Context(), `
				INSERT INTO users (logto_id, name, email) VALUES ($1, $2, $3) RETURNING id
			`, rand.Text(), p.name, p.email).Scan(&id); err != nil {
				t.Fatal(err)
			}
			people[id] = p
		}
	}
	found := func(p person, search string) (key string, ok bool) {
		for _, text := range []*string{p.name, p.email} {
			if text != nil && strings.HasPrefix(strings.ToLower(*text), strings.ToLower(search)) {
				return strings.ToLower(*text), true
			}
		}
		return "", false
	}
	add(400)
	for _, after := range []string{"", "a", "aB", "É", "b", "_", "aaa", "aaaa"} {
		search := mark + after
		expected := map[int64]bool{}
		for id, p := range people {
			if _, ok := found(p, search); ok {
				expected[id] = true
			}
		}
		var last cursor.Position
		for p := (&ListParams{Search: search, Limit: 1 + random.IntN(20)}); ; {
			page, err := List(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			for _, u := range page.Users {
				key, ok := found(people[u.ID], search)
				if !ok {
					t.Fatalf("%q finds %v, %v", search, u.Name, u.Email)
				}
				if key < last.Key || (key == last.Key && u.ID <= last.ID) {
					t.Fatalf("%q: %q, %d is after %+v", search, key, u.ID, last)
				}
				last = cursor.Position{Key: key, ID: u.ID}
				delete(expected, u.ID)
			}
			if p.Cursor = page.NextCursor; p.Cursor == "" {
				break
			}
			for id := range people { // only one, in random order
				if random.IntN(2) == 0 {
					_, err = db.Exec(t.Context(), `DELETE FROM users WHERE id = $1`, id)
					delete(people, id)
				} else {
					changed := person{some(), some()}
					_, err = db.Exec(t.Context(), `UPDATE users SET name = $2, email = $3 WHERE id = $1`, id, changed.name, changed.email)
					people[id] = changed
				}
				if err != nil {
					t.Fatal(err)
				}
				delete(expected, id)
				break
			}
			add(1)
		}
		if len(expected) > 0 {
			t.Errorf("%q misses %d people", search, len(expected))
		}
	}
}

func TestList_ForgedCursor(t *testing.T) {
	mark := rand.Text()
	mustAdd(t, "! "+mark, "")
	want := mustAdd(t, mark, "")
	p := &ListParams{Search: mark, Limit: 1}
	for _, key := range []string{"", "!", strings.ToLower(mark)} {
		p.Cursor = cursor.Encode(p.list(), cursor.Position{Key: key})
		page, err := List(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Users) != 1 || page.Users[0].ID != want {
			t.Errorf("%q: users = %v, want only %d", key, page.Users, want)
		}
	}
	p.Cursor = cursor.Encode(p.list(), cursor.Position{Key: "\U0010FFFF"})
	if page, err := List(t.Context(), p); err != nil || len(page.Users) > 0 {
		t.Errorf("after the last key: %v, err = %v", page, err)
	}
}

func TestList_LongestKey(t *testing.T) {
	mark := rand.Text()
	name := mark + strings.Repeat("\U00010400", logto.MaxName-len(mark)) // 4 bytes in both cases
	want := []int64{mustAdd(t, name, ""), mustAdd(t, name, "")}
	if got := mustList(t, mark, 1); !slices.Equal(got, want) {
		t.Errorf("ids = %v, want %v", got, want)
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
		{"negative limit", ListParams{Limit: -1}, "the limit must be from 1 to 100"},
		{"limit too high", ListParams{Limit: 101}, "the limit must be from 1 to 100"},
		{"NUL", ListParams{Search: "a\x00"}, "search has a control character or is not valid UTF-8"},
		{"line feed", ListParams{Search: "a\nb"}, "search has a control character or is not valid UTF-8"},
		{"C1 control character", ListParams{Search: "a\u0085"}, "search has a control character or is not valid UTF-8"},
		{"invalid UTF-8", ListParams{Search: "a\xff"}, "search has a control character or is not valid UTF-8"},
		{"surrogate", ListParams{Search: "a\xed\xa0\x80"}, "search has a control character or is not valid UTF-8"},
		{"search too long", ListParams{Search: strings.Repeat("é", maxSearch+1)}, "search is longer than 128 characters"},
		{"search of 1 MB", ListParams{Search: strings.Repeat("a", 1<<20)}, "search is longer than 128 characters"},
		{"invalid cursor", ListParams{Cursor: "7"}, "the cursor is not valid for this list"},
		{"cursor of another search", ListParams{Cursor: page.NextCursor}, "the cursor is not valid for this list"},
		{"cursor of a search in another case", ListParams{Search: strings.ToLower(mark), Cursor: page.NextCursor}, "the cursor is not valid for this list"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			// Not through List: Encore replaces invalid UTF-8 in the parameters.
			_, _, err := tt.params.page()
			if e, ok := err.(*errs.Error); !ok || e.Code != errs.InvalidArgument || e.ErrorMessage() != tt.message {
				t.Errorf("err = %v, want %s", err, tt.message)
			}
		})
	}
}

// TestList_Cost checks that any search and any page reads few blocks, both with a
// custom plan and with the plan that Postgres chooses after several executions. The
// table has about 6,000 blocks, and each index 1,000.
func TestList_Cost(t *testing.T) {
	const people, allowed = 100_000, 300
	tx, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	exec := func(sql string, args ...any) {
		t.Helper()
		querytest.Exec(t, tx, sql, args...)
	}
	// Sorts after everything else in the indexes, even after dead rows of earlier runs.
	mark := fmt.Sprintf("\U0010FFFD%d", time.Now().UnixNano())
	var first int64
	if err := tx.QueryRow(t.Context(), `
		WITH added AS (
			INSERT INTO users (logto_id, name, email, picture)
			SELECT $1::text || i,
				$1::text || CASE WHEN i % 1000 = 1 THEN 'few' WHEN i % 2 = 0 THEN 'both ' || i ELSE 'name ' || md5(i::text) END,
				$1::text || CASE WHEN i % 2 = 0 THEN 'both' || i ELSE 'email' || i END || '@example.com',
				'https://pictures.example/' || repeat(md5(i::text), 8)
			FROM generate_series(1, $2::int) AS i
			RETURNING id
		) SELECT min(id) FROM added
	`, mark, people).Scan(&first); err != nil {
		t.Fatal(err)
	}
	exec(`INSERT INTO users (logto_id, deleted_at) SELECT $1::text || 'gone' || i, now() FROM generate_series(1, 20000) AS i`, mark)
	exec(`ANALYZE users`) // don't depend on autovacuum
	for name, statement := range map[string]struct{ params, sql string }{
		"find_all":       {"bigint, int", findAll},
		"find_by_search": {"text, text, text, bigint, int", findBySearch},
	} {
		exec("PREPARE " + name + " (" + statement.params + ") AS " + statement.sql)
		defer exec("DEALLOCATE " + name) // it outlives the transaction
	}
	search := func(after, from string) string {
		return fmt.Sprintf("find_by_search ('%s', '%s', '%s', 0, 21)", mark+after, mark+after+"\U0010FFFF", mark+from)
	}
	for _, mode := range []string{"force_custom_plan", "auto"} {
		exec("SET LOCAL plan_cache_mode = " + mode)
		for name, call := range map[string]string{
			"everybody":                          fmt.Sprintf("find_all (%d, 21)", first+people),
			"everybody, after tombstones":        fmt.Sprintf("find_all (%d, 21)", math.MaxInt64),
			"everybody, deep":                    fmt.Sprintf("find_all (%d, 21)", first+people/100),
			"all":                                search("", ""),
			"all, deep":                          search("", "name 8"),
			"name and e-mail":                    search("both", ""),
			"name and e-mail, deep":              search("both", "both 9"),
			"after the names, all e-mails found": search("both", "both!"),
			"name":                               search("name", ""),
			"name, deep":                         search("name", "name f"),
			"e-mail":                             search("email", ""),
			"e-mail, deep":                       search("email", "email9"),
			"few":                                search("few", ""),
			"nobody":                             search("-", ""),
		} {
			blocks, plan := querytest.Blocks(t, tx, "EXECUTE "+call)
			t.Logf("%s, %s: %d blocks", name, mode, blocks)
			if blocks > allowed {
				t.Errorf("%s, %s: %d blocks, want at most %d: %s", name, mode, blocks, allowed, plan)
			}
		}
	}
}
