package local

import (
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
		t.Errorf("ids %d and, after being forgotten, %d, want one that was never given", first.ID, again.ID)
	}
	if same := me(t, token); same != again {
		t.Errorf("the row is %+v and then %+v", again, same)
	}
	if me(t, other) != bystander {
		t.Error("somebody else's row changed")
	}
	forget(t, token)
	forget(t, token)
}

func TestForgetAtTheSameTime(t *testing.T) {
	token := registered(t)
	seen := map[int64]bool{me(t, token).ID: true}
	var requests []backend.Request
	for i := range 20 {
		requests = append(requests, backend.Request{Method: []string{"DELETE", "GET"}[i%2], Path: "/users/me", Token: token})
	}
	for i, a := range app(t).All(t, requests) {
		// Whoever reads between two deletions may find no row.
		if a.Status != 200 && (i%2 == 0 || a.Status != 404) {
			t.Errorf("status %d: %s", a.Status, a.Body)
		}
		if i%2 == 1 && a.Status == 200 {
			seen[backend.JSON[user](t, a).ID] = true
		}
	}
	forget(t, token)
	if last := me(t, token); seen[last.ID] {
		t.Errorf("the id %d was given again", last.ID)
	}
}
