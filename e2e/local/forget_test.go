package local

import (
	"encoding/json"
	"testing"

	"encore.app/e2e/backend"
)

func forget(t *testing.T, token string) {
	t.Helper()
	a := app(t).Do(t, backend.Request{Method: "DELETE", Path: "/users/me", Token: token})
	if a.Status != 200 || a.Body != "" {
		t.Fatalf("status %d: %q, want 200 and nothing", a.Status, a.Body)
	}
}

func TestForget(t *testing.T) {
	token, other := registered(t), registered(t)
	first, bystander := me(t, token), me(t, other)

	forget(t, token)
	again := me(t, token)
	if again.ID <= bystander.ID {
		t.Errorf("the ID was %d, and %d after the deletion, want a new one", first.ID, again.ID)
	}
	if same := me(t, token); same != again {
		t.Errorf("the row is %+v and then %+v", again, same)
	}
	if me(t, other) != bystander {
		t.Error("somebody else's row changed")
	}
	// A second deletion right after the first has to wait.
	a := app(t).Do(t, backend.Request{Method: "DELETE", Path: "/users/me", Token: token})
	var details struct {
		RetryAfter int `json:"retry_after"`
	}
	if e := backend.Refusal(t, a, 429); e.Code != "resource_exhausted" || json.Unmarshal(e.Details, &details) != nil || details.RetryAfter < 1 {
		t.Errorf("got %s, want to be told when to try again", a.Body)
	}
	if me(t, token) != again {
		t.Error("the row changed")
	}
}

func TestForgetAtTheSameTime(t *testing.T) {
	token := registered(t)
	seen := map[int64]bool{me(t, token).ID: true}
	var requests []backend.Request
	for i := range 20 {
		requests = append(requests, backend.Request{Method: []string{"DELETE", "GET"}[i%2], Path: "/users/me", Token: token})
	}
	forgotten := 0
	for i, a := range app(t).All(t, requests) {
		switch {
		case i%2 == 0 && a.Status == 200:
			forgotten++
		case i%2 == 1 && a.Status == 200:
			seen[backend.JSON[user](t, a).ID] = true
		// The row may come back between two deletions, so that the second one has
		// to wait, and a read may find no row.
		case i%2 == 0 && a.Status != 429, i%2 == 1 && a.Status != 404:
			t.Errorf("status %d: %s", a.Status, a.Body)
		}
	}
	if me(t, token); forgotten == 0 || len(seen) > 2 {
		t.Errorf("forgotten %d times, the rows %v, want the first one and one more at most", forgotten, seen)
	}
}
