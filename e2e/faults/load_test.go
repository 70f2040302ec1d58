package faults

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"encore.app/e2e/backend"
)

// load makes people call the application all the time. It checks that the responses
// fit what each of them did.
type load struct {
	apps instances

	mu       sync.Mutex
	statuses map[int]int // number of responses by status; 0 is no response
	retries  int
	wrong    []string // the failures

	stop      chan struct{}
	writers   []*writer
	suspended []*suspended
	running   sync.WaitGroup
}

func newLoad(apps instances) *load {
	return &load{apps: apps, statuses: map[int]int{}, stop: make(chan struct{})}
}

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

// try sends a request to a random instance. Status 0 means no response.
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

func (l *load) calls() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.statuses[200]
}

// outages returns the number of calls with status 503 or no response.
func (l *load) outages() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.statuses[0] + l.statuses[503]
}

// writer is a person who writes and reads until the load stops.
type writer struct {
	*load
	person string // the subject of the token
	token  atomic.Pointer[string]
	texts  int // used so far
	work   work
	last   atomic.Pointer[time.Time] // start of the last successful write
	counts map[string]int            // of successes
}

type work interface {
	// step makes some calls. It reports whether they wrote anything.
	step() (wrote bool)
	// compare reads everything and compares it with what was acknowledged.
	compare()
}

// workKinds has one constructor for each kind of work. An example adds its own.
var workKinds = []func(*writer) work{newProfile}

func (l *load) addWriter(person, token string) {
	w := &writer{load: l, person: person, counts: map[string]int{}}
	w.work = workKinds[len(l.writers)%len(workKinds)](w)
	w.token.Store(&token)
	w.last.Store(new(time.Time))
	l.writers = append(l.writers, w)
	l.running.Go(func() {
		for !l.stopped() {
			began := time.Now()
			if w.work.step() {
				w.last.Store(&began)
			}
		}
	})
}

// call retries a request after 429, 503 and no response. sure is true if no earlier
// attempt can have had an effect.
func (w *writer) call(r backend.Request) (a backend.Answer, sure bool) {
	return w.repeat(func() backend.Request {
		r.Token = *w.token.Load()
		return r
	})
}

func (w *writer) repeat(request func() backend.Request) (a backend.Answer, sure bool) {
	sure = true
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, 500*time.Millisecond) {
		a = w.try(request())
		if a.Status != 0 && a.Status != 503 && a.Status != 429 {
			return a, sure
		}
		sure = sure && a.Status == 429
		w.mu.Lock()
		w.retries++
		w.mu.Unlock()
		time.Sleep(wait) // a client's back-off
	}
}

func (w *writer) text() string {
	w.texts++
	return fmt.Sprint(w.person, "-", w.texts)
}

// profile is the work of somebody whose name in Logto changes again and again.
type profile struct {
	*writer
	id   int64 // of their row
	name string
}

func newProfile(w *writer) work { return &profile{writer: w} }

func (p *profile) step() bool {
	p.compare()
	name := p.text()
	r := delivery(fmt.Sprintf(`{"event":"User.Data.Updated","data":{"id":%q,"name":%q,"isSuspended":false,"updatedAt":%d}}`,
		p.person, name, time.Now().UnixMilli()))
	if a, _ := p.repeat(func() backend.Request { return r }); a.Status != 204 {
		p.fail("rename: status %d: %s", a.Status, a.Body)
		return false
	}
	p.name = name
	p.counts["names changed"]++
	return true
}

func (p *profile) compare() {
	a, _ := p.call(backend.Request{Path: "/users/me"})
	var row struct {
		ID   int64
		Name string
	}
	if err := json.Unmarshal([]byte(a.Body), &row); a.Status != 200 || err != nil {
		p.fail("row: status %d: %s", a.Status, a.Body)
		return
	}
	if p.id == 0 {
		p.id = row.ID
	}
	if row.ID != p.id || row.Name != p.name {
		p.fail("the row is %+v, want the id %d and the name %q", row, p.id, p.name)
	}
	p.counts["rows compared"]++
}

// awaitWrites waits until everybody has started and finished a write, and returns
// how long that took. The test fails if it takes longer than allowed.
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
