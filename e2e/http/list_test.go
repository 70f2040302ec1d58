package http_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"encore.app/e2e/backend"
	"encore.app/e2e/people"
)

type page struct {
	Users      []user  `json:"users"`
	NextCursor *string `json:"next_cursor"`
}

func list(t *testing.T, query url.Values) page {
	t.Helper()
	a := app(t).Get(t, "/users?"+query.Encode(), people.Token(t, "carol"))
	checkNoInternals(t, a)
	p := backend.JSON[page](t, a)
	if p.Users == nil || p.NextCursor == nil {
		t.Fatalf("no list, or no cursor: %s", a.Body)
	}
	return p
}

func TestUsers(t *testing.T) {
	known := []user{me(t, "alice"), me(t, "bob"), me(t, "carol")}
	var all []user
	for query := (url.Values{"limit": {"100"}}); ; {
		p := list(t, query)
		all = append(all, p.Users...)
		if *p.NextCursor == "" || len(all) > 1000 {
			break
		}
		query.Set("cursor", *p.NextCursor)
	}
	for i := 1; i < len(all); i++ {
		if all[i].ID >= all[i-1].ID {
			t.Errorf("id %d comes after %d, want the newest first", all[i].ID, all[i-1].ID)
		}
	}
	if len(all) > 1000 {
		return // a deployed backend has more people than a test wants to read
	}
	for _, want := range known {
		if !slices.ContainsFunc(all, func(u user) bool { return u.ID == want.ID && u.LogtoID == want.LogtoID }) {
			t.Errorf("%s is not in the list", want.LogtoID)
		}
	}
}

func TestUsersPages(t *testing.T) {
	me(t, "alice")
	me(t, "bob")
	me(t, "carol")
	whole := list(t, url.Values{"limit": {"3"}})
	if len(whole.Users) != 3 {
		t.Fatalf("%d people, want 3", len(whole.Users))
	}
	query := url.Values{"limit": {"1"}}
	for i, want := range whole.Users {
		p := list(t, query)
		if len(p.Users) != 1 || p.Users[0].ID != want.ID {
			t.Fatalf("page %d: %+v, want %d", i+1, p.Users, want.ID)
		}
		query.Set("cursor", *p.NextCursor)
	}
	if n := len(list(t, nil).Users); n > 20 {
		t.Errorf("%d people on a page, want 20 at most", n)
	}
}

func TestUsersNeedPermission(t *testing.T) {
	for _, person := range []string{"alice", "bob"} {
		t.Run(person, func(t *testing.T) {
			for _, path := range []string{"/users", "/users?limit=1", "/users?search=carol"} {
				a := app(t).Get(t, path, people.Token(t, person))
				checkNoInternals(t, a)
				e := backend.Refusal(t, a, 403)
				var details struct{ Scope string }
				if err := json.Unmarshal(e.Details, &details); err != nil || details.Scope != "read:users" {
					t.Errorf("details %s, want the scope read:users", e.Details)
				}
				if e.Code != "permission_denied" || !strings.Contains(e.Message, "read:users") {
					t.Errorf("%s: %q", e.Code, e.Message)
				}
			}
		})
	}
	checkRefused(t, app(t).Get(t, "/users", ""))
}

func TestUsersBadInput(t *testing.T) {
	me(t, "alice")
	me(t, "carol")
	cursor := *list(t, url.Values{"limit": {"1"}}).NextCursor
	if cursor == "" {
		t.Fatal("there is no second page")
	}
	forged := "A" + cursor[1:]
	if cursor[0] == 'A' {
		forged = "B" + cursor[1:]
	}
	for name, query := range map[string]string{
		"limit too high":             "limit=101",
		"limit negative":             "limit=-1",
		"limit huge":                 "limit=99999999999999999999",
		"limit no number":            "limit=ten",
		"limit a fraction":           "limit=1.5",
		"no cursor of ours":          "cursor=1",
		"cursor of another search":   "search=a&cursor=" + cursor,
		"forged cursor":              "cursor=" + forged,
		"cursor cut short":           "cursor=" + cursor[:len(cursor)-1],
		"cursor of 10 KB":            "cursor=" + strings.Repeat("A", 10_000),
		"search with NUL":            "search=a%00b",
		"search with a line feed":    "search=a%0Ab",
		"search of invalid UTF-8":    "search=%FF",
		"search of 10 KB":            "search=" + strings.Repeat("a", 10_000),
		"search of many characters":  "search=" + strings.Repeat("%C3%A9", 129),
		"cursor with invalid UTF-8":  "cursor=%FF%FE",
		"cursor in another alphabet": "cursor=" + strings.Repeat("%2B", 24),
	} {
		t.Run(name, func(t *testing.T) {
			e := backend.Refusal(t, app(t).Get(t, "/users?"+query, people.Token(t, "carol")), 400)
			if e.Code != "invalid_argument" || e.Message == "" {
				t.Errorf("%s: %q", e.Code, e.Message)
			}
		})
	}
}

// Special characters have no meaning in a search.
func TestUsersSearch(t *testing.T) {
	for _, search := range []string{"%", "_", `\`, "'", `"`, "%a%", "'; DROP TABLE users --", "é", "🙂", strings.Repeat("é", 128), "\U0010FFFF"} {
		if found := list(t, url.Values{"search": {search}}).Users; len(found) > 0 {
			for _, u := range found {
				if u.Name == nil && u.Email == nil {
					t.Errorf("%q finds %s, who has neither a name nor an e-mail", search, u.LogtoID)
				}
			}
		}
	}
	for _, u := range list(t, url.Values{"limit": {"100"}}).Users {
		for _, text := range []*string{u.Name, u.Email} {
			if text == nil {
				continue
			}
			for _, search := range []string{*text, strings.ToUpper(*text), strings.ToLower(*text), string([]rune(*text)[:1])} {
				found := false
				for query := (url.Values{"search": {search}, "limit": {"100"}}); !found; {
					p := list(t, query)
					found = slices.ContainsFunc(p.Users, func(other user) bool { return other.ID == u.ID })
					if *p.NextCursor == "" {
						break
					}
					query.Set("cursor", *p.NextCursor)
				}
				if !found {
					t.Errorf("%q doesn't find %s", search, u.LogtoID)
				}
			}
		}
	}
}

func TestNoAccessToOtherRows(t *testing.T) {
	alice := me(t, "alice")
	for _, method := range []string{"GET", "PUT", "PATCH", "DELETE", "POST"} {
		for _, path := range []string{fmt.Sprintf("/users/%d", alice.ID), "/users/" + alice.LogtoID} {
			a := app(t).Do(t, backend.Request{Method: method, Path: path, Token: people.Token(t, "carol")})
			backend.Refusal(t, a, 404)
		}
	}
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
		backend.Refusal(t, app(t).Do(t, backend.Request{Method: method, Path: "/users", Token: people.Token(t, "carol")}), 404)
	}
	checkRefused(t, app(t).Do(t, backend.Request{Method: "DELETE", Path: "/users/me"}))
	checkRefused(t, app(t).Do(t, backend.Request{Method: "DELETE", Path: "/users/me", Token: "abc"}))
	if after := me(t, "alice"); after.ID != alice.ID || !after.UpdatedAt.Equal(alice.UpdatedAt) {
		t.Errorf("alice's row was %+v and is %+v", alice, after)
	}
}
