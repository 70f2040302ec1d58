package faults

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"

	"encore.app/e2e/backend"
)

// todos is the work of somebody who creates, edits, deletes and reads their own
// todos.
type todos struct {
	*writer
	want map[int64]todo
}

func newTodos(w *writer) work { return &todos{writer: w, want: map[int64]todo{}} }

func (w *todos) step() bool {
	switch pick := rand.IntN(10); {
	case len(w.want) == 0 || pick < 3:
		w.create()
	case pick < 6:
		w.edit()
	case pick < 8 && len(w.want) > 20:
		w.delete()
	default:
		w.compare()
		return false
	}
	return true
}

func (w *todos) create() {
	text := w.text()
	a, _ := w.call(backend.Request{Method: "POST", Path: "/todos", Body: encodeText(text, 0),
		Header: map[string]string{"Idempotency-Key": text}})
	made, ok := decodeTodo(a)
	if _, twice := w.want[made.ID]; !ok || twice || made.Text != text || made.Version != 1 {
		w.fail("create %q: status %d: %s", text, a.Status, a.Body)
		return
	}
	w.want[made.ID] = made
	w.counts["todos created"]++
}

func (w *todos) edit() {
	before := w.any()
	want := todo{before.ID, w.text(), before.Version + 1}
	a, sure := w.call(backend.Request{Method: "PATCH", Path: fmt.Sprint("/todos/", before.ID), Body: encodeText(want.Text, before.Version)})
	var after todo
	if a.Status == 409 && !sure { // one that got no answer had its effect
		var refusal struct {
			Details struct{ Current todo }
		}
		_ = json.Unmarshal([]byte(a.Body), &refusal) // it is compared below
		after = refusal.Details.Current
	} else {
		after, _ = decodeTodo(a)
	}
	if after != want {
		w.fail("edit: want %+v, status %d: %s", want, a.Status, a.Body)
		return
	}
	w.want[after.ID] = after
	w.counts["todos edited"]++
}

func (w *todos) delete() {
	gone := w.any()
	a, sure := w.call(backend.Request{Method: "DELETE", Path: fmt.Sprint("/todos/", gone.ID)})
	if a.Status != 200 && (a.Status != 404 || sure) {
		w.fail("delete %+v: status %d: %s", gone, a.Status, a.Body)
		return
	}
	delete(w.want, gone.ID)
	w.counts["todos deleted"]++
}

// compare reads the whole list and compares it with what was acknowledged.
func (w *todos) compare() {
	found := map[int64]todo{}
	for cursor := ""; ; {
		a, _ := w.call(backend.Request{Path: "/todos?" + url.Values{"limit": {"100"}, "cursor": {cursor}}.Encode()})
		var page struct {
			Todos      []todo
			NextCursor string `json:"next_cursor"`
		}
		if err := json.Unmarshal([]byte(a.Body), &page); a.Status != 200 || err != nil {
			w.fail("list: status %d: %s", a.Status, a.Body)
			return
		}
		for _, t := range page.Todos {
			if _, twice := found[t.ID]; twice || t != w.want[t.ID] {
				w.fail("the list has %+v, want %+v", t, w.want[t.ID])
			}
			found[t.ID] = t
		}
		if cursor = page.NextCursor; cursor == "" {
			break
		}
	}
	for id, t := range w.want {
		if _, ok := found[id]; !ok {
			w.fail("the list lacks %+v", t)
		}
	}
	w.counts["lists compared"]++
}

func decodeTodo(a backend.Answer) (t todo, ok bool) {
	if err := json.Unmarshal([]byte(a.Body), &t); a.Status != 200 || err != nil {
		return todo{}, false
	}
	return t, true
}

func (w *todos) any() todo {
	for _, t := range w.want { // the order is random
		return t
	}
	return todo{}
}

// encodeText returns the body of an edit, or of a new todo if version is 0.
func encodeText(text string, version int64) string {
	if version == 0 {
		return fmt.Sprintf(`{"text":%q}`, text)
	}
	return fmt.Sprintf(`{"text":%q,"version":%d}`, text, version)
}
