package faults

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"encore.app/e2e/backend"
)

// load is people who call the application all the time. What one of them is
// answered has to fit what they did: nobody else writes to their list.
type load struct {
	apps instances

	mu       sync.Mutex
	statuses map[int]int // how often each status was answered; 0 is no answer
	repeated int         // calls that had to be repeated
	wrong    []string    // what must not be

	stop      chan struct{}
	writers   []*writer
	suspended []*suspended
	running   sync.WaitGroup
}

func newLoad(apps instances) *load {
	return &load{apps: apps, statuses: map[int]int{}, stop: make(chan struct{})}
}

// fail notes something that must not be.
func (l *load) fail(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wrong = append(l.wrong, fmt.Sprintf(format, args...))
}

func (l *load) stopped() bool {
	select {
	case <-l.stop:
		return true
	default:
		return false
	}
}

// try sends a request to one of the instances. Status 0 stands for no answer.
func (l *load) try(r backend.Request) backend.Answer {
	a, err := l.apps[rand.IntN(len(l.apps))].Try(r)
	if err != nil {
		a = backend.Answer{}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.statuses[a.Status]++
	return a
}

// calls returns how many calls were answered with 200 so far.
func (l *load) calls() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.statuses[200]
}

// outages returns how many calls were told to try again, or got no answer, so far.
func (l *load) outages() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.statuses[0] + l.statuses[503]
}

// writer is a person who creates, edits, deletes and reads todos.
type writer struct {
	*load
	person string // their subject
	token  atomic.Pointer[string]
	todos  map[int64]todo // as they have to be
	made   int            // names what is written
	// last is when the newest write that succeeded was begun.
	last   atomic.Pointer[time.Time]
	counts struct{ created, edited, deleted, read int }
}

// addWriter lets one more person call until the load is stopped.
func (l *load) addWriter(person, token string) {
	w := &writer{load: l, person: person, todos: map[int64]todo{}}
	w.token.Store(&token)
	w.last.Store(new(time.Time))
	l.writers = append(l.writers, w)
	l.running.Go(func() {
		for !l.stopped() {
			began := time.Now()
			switch pick := rand.IntN(10); {
			case len(w.todos) == 0 || pick < 3:
				w.create()
			case pick < 6:
				w.edit()
			case pick < 8 && len(w.todos) > 20:
				w.delete()
			default:
				w.read()
				continue
			}
			w.last.Store(&began)
		}
	})
}

// call repeats a request until it is answered with something else than to try
// again. sure reports whether the answer is to the first one that can have had an
// effect.
func (w *writer) call(r backend.Request) (a backend.Answer, sure bool) {
	sure = true
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, 500*time.Millisecond) {
		r.Token = *w.token.Load()
		a = w.try(r)
		if a.Status != 0 && a.Status != 503 && a.Status != 429 {
			return a, sure
		}
		sure = sure && a.Status == 429
		w.mu.Lock()
		w.repeated++
		w.mu.Unlock()
		time.Sleep(wait) // as a client does
	}
}

func (w *writer) text() string {
	w.made++
	return fmt.Sprint(w.person, "-", w.made)
}

func (w *writer) create() {
	text := w.text()
	a, _ := w.call(backend.Request{Method: "POST", Path: "/todos", Body: encodeText(text, 0),
		Header: map[string]string{"Idempotency-Key": text}})
	made, ok := decodeTodo(a)
	if _, twice := w.todos[made.ID]; !ok || twice || made.Text != text || made.Version != 1 {
		w.fail("create %q: status %d: %s", text, a.Status, a.Body)
		return
	}
	w.todos[made.ID] = made
	w.counts.created++
}

func (w *writer) edit() {
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
	w.todos[after.ID] = after
	w.counts.edited++
}

func (w *writer) delete() {
	gone := w.any()
	a, sure := w.call(backend.Request{Method: "DELETE", Path: fmt.Sprint("/todos/", gone.ID)})
	if a.Status != 200 && (a.Status != 404 || sure) {
		w.fail("delete %+v: status %d: %s", gone, a.Status, a.Body)
		return
	}
	delete(w.todos, gone.ID)
	w.counts.deleted++
}

// read reads the whole list and compares it with what it has to be.
func (w *writer) read() {
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
			if _, twice := found[t.ID]; twice || t != w.todos[t.ID] {
				w.fail("the list has %+v, want %+v", t, w.todos[t.ID])
			}
			found[t.ID] = t
		}
		if cursor = page.NextCursor; cursor == "" {
			break
		}
	}
	for id, t := range w.todos {
		if _, ok := found[id]; !ok {
			w.fail("the list lacks %+v", t)
		}
	}
	w.counts.read++
}

func decodeTodo(a backend.Answer) (t todo, ok bool) {
	if err := json.Unmarshal([]byte(a.Body), &t); a.Status != 200 || err != nil {
		return todo{}, false
	}
	return t, true
}

// any returns one of the todos.
func (w *writer) any() todo {
	for _, t := range w.todos { // in no certain order
		return t
	}
	return todo{}
}

// encodeText returns the body of an edit of a version, or of a new todo.
func encodeText(text string, version int64) string {
	if version == 0 {
		return fmt.Sprintf(`{"text":%q}`, text)
	}
	return fmt.Sprintf(`{"text":%q,"version":%d}`, text, version)
}

// awaitWrites waits until everybody has written something that they began after
// now, and returns how long that took. It must not take longer than allowed.
func (l *load) awaitWrites(t *testing.T, after string, allowed time.Duration) time.Duration {
	t.Helper()
	began := time.Now()
	for _, w := range l.writers {
		for !w.last.Load().After(began) {
			if time.Since(began) > allowed {
				t.Errorf("%s: somebody can't write after %s", after, allowed)
				return time.Since(began)
			}
			time.Sleep(time.Millisecond)
		}
	}
	return time.Since(began)
}
