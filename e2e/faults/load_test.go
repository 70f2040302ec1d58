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

// load is people who call the application all the time. What one of them is
// answered has to fit what they did.
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

// writer is a person who writes and reads until the load is stopped.
type writer struct {
	*load
	person string // their subject
	token  atomic.Pointer[string]
	made   int // texts so far
	work   work
	// last is when the newest write that succeeded began.
	last   atomic.Pointer[time.Time]
	counts map[string]int // of what succeeded
}

// work is what a writer does.
type work interface {
	// step makes some calls, and reports whether they wrote something.
	step() (wrote bool)
	// compare reads everything and compares it with what was acknowledged.
	compare()
}

// works make the kinds of work. The file of an example adds its own.
var works = []func(*writer) work{newProfile}

// addWriter adds a person who writes until the load is stopped.
func (l *load) addWriter(person, token string) {
	w := &writer{load: l, person: person, counts: map[string]int{}}
	w.work = works[len(l.writers)%len(works)](w)
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

// call repeats a request of the writer until the answer is not to try again. sure
// reports whether no earlier request can have had an effect.
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
		w.repeated++
		w.mu.Unlock()
		time.Sleep(wait) // as a client does
	}
}

// text returns a new text each time.
func (w *writer) text() string {
	w.made++
	return fmt.Sprint(w.person, "-", w.made)
}

// profile is the work of somebody whose name changes at Logto again and again.
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
