package faults

import (
	"fmt"
	"slices"
	"testing"

	"encore.app/e2e/backend"
)

func TestTodosOnTwoInstances(t *testing.T) {
	idp, apps := startTwo(t)

	t.Run("an idempotency key makes one todo", func(t *testing.T) {
		token := idp.token(t, person())
		for i := range 10 {
			r := backend.Request{
				Method: "POST", Path: "/todos", Token: token, Body: `{"text":"buy milk"}`,
				Header: map[string]string{"Idempotency-Key": fmt.Sprint("key-", i)},
			}
			ids := map[int64]bool{}
			for _, a := range apps.all(t, slices.Repeat([]backend.Request{r}, 5)) {
				ids[backend.JSON[todo](t, a).ID] = true
			}
			if len(ids) != 1 {
				t.Errorf("the answers name %v", ids)
			}
		}
		for _, app := range apps {
			if got := backend.JSON[struct{ Todos []todo }](t, app.Get(t, "/todos", token)).Todos; len(got) != 10 {
				t.Errorf("the list has %d todos, want 10: %+v", len(got), got)
			}
		}
	})

	t.Run("one edit of a version wins", func(t *testing.T) {
		token := idp.token(t, person())
		made := backend.JSON[todo](t, apps[0].Do(t, backend.Request{Method: "POST", Path: "/todos", Token: token, Body: `{"text":"x"}`}))
		path := fmt.Sprint("/todos/", made.ID)
		for version := made.Version; version <= 10; version++ {
			var requests []backend.Request
			for i := range 5 {
				requests = append(requests, backend.Request{
					Method: "PATCH", Path: path, Token: token, Body: fmt.Sprintf(`{"version":%d,"text":"edit %d of %d"}`, version, i, version),
				})
			}
			var winners []todo
			for _, a := range apps.all(t, requests) {
				if a.Status == 200 {
					winners = append(winners, backend.JSON[todo](t, a))
				} else if e := backend.Refusal(t, a, 409); e.Code != "aborted" {
					t.Errorf("refused with %s", a.Body)
				}
			}
			for _, app := range apps {
				read := backend.JSON[todo](t, app.Get(t, path, token))
				if len(winners) != 1 || read != winners[0] || read.Version != version+1 {
					t.Fatalf("the todo is %+v, the winners are %+v", read, winners)
				}
			}
		}
	})
}
