package faults

import (
	"os"
	"strconv"
	"testing"
	"time"
)

const (
	// recoversWithin is how soon after a fault everybody has to be able to write.
	recoversWithin = 5 * time.Second
	writers        = 8
)

// TestFaultsUnderLoad breaks one thing after the other while people write and
// others are suspended and reinstated. It checks that no acknowledged write is lost
// or done twice, nobody is signed out, suspended people are locked out within a
// second, and everybody can write again soon after each fault.
//
// It runs one round of faults, or as many as fit into CHAOS_MINUTES.
func TestFaultsUnderLoad(t *testing.T) {
	minutes := 0
	if value := os.Getenv("CHAOS_MINUTES"); value != "" {
		var err error
		if minutes, err = strconv.Atoi(value); err != nil || minutes < 1 {
			t.Fatalf("CHAOS_MINUTES is %q, want a number of minutes", value)
		}
	}
	end := time.Now().Add(time.Duration(minutes) * time.Minute)

	useSigningKey(t)
	idp, server := newProvider(t), newServer(t)
	idp.start(t)
	db := newProxyOf(t, server.address)
	db.open(t)
	var apps []*application
	var backends instances
	for range 2 {
		app := &application{address: freeAddress(t), cue: config(idp.issuer()), database: db.address}
		app.start(t)
		t.Cleanup(func() {
			app.kill(t)
			if t.Failed() {
				t.Logf("the application's output:\n%s", app.output)
			}
		})
		waitFor(t, app.backend(), "/users/me", idp.token(t, person()), 200)
		apps, backends = append(apps, app), append(backends, app.backend())
	}

	l := newLoad(backends)
	for range writers {
		id := person()
		l.addWriter(id, idp.token(t, id))
	}
	for range 2 {
		id := person()
		l.addSuspended(id, idp.token(t, id))
	}
	// awaitMore waits until the counter has grown by n.
	awaitMore := func(count func() int, n int) {
		for from, deadline := count(), time.Now().Add(recoveryTimeout); count() < from+n && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
	}
	l.awaitWrites(t, "the start", recoversWithin)
	awaitMore(l.calls, 200)
	if l.outages() > 0 {
		t.Errorf("%d calls failed before the first fault", l.outages())
	}

	faults := []struct {
		name string
		do   func()
	}{
		{"Postgres is killed", func() {
			server.kill()
			awaitMore(l.outages, 50)
			server.start(t)
		}},
		{"the first instance is killed", func() {
			apps[0].kill(t)
			awaitMore(l.outages, 20)
			apps[0].start(t)
		}},
		{"connections to the database are dropped", func() {
			for range 30 {
				db.dropConnection()
				awaitMore(l.calls, 5)
			}
		}},
		{"the database does not answer", func() {
			db.hang()
			awaitMore(l.outages, 10)
			db.close()
			db.open(t)
		}},
		{"the identity provider goes away and comes back with another key", func() {
			idp.stop()
			awaitMore(l.calls, 200)
			idp.rotate(t)
			idp.start(t)
			for _, w := range l.writers {
				token := idp.token(t, w.person)
				w.token.Store(&token)
			}
		}},
		{"the second instance is killed", func() {
			apps[1].kill(t)
			awaitMore(l.outages, 20)
			apps[1].start(t)
		}},
	}
	var longest time.Duration
	rounds := 0
	for ; rounds == 0 || time.Now().Before(end); rounds++ {
		for _, fault := range faults {
			fault.do()
			took := l.awaitWrites(t, fault.name, recoversWithin)
			longest = max(longest, took)
			t.Logf("%s: everybody writes again after %s", fault.name, took.Round(time.Millisecond))
			awaitMore(l.calls, 100)
		}
	}

	close(l.stop)
	l.running.Wait()
	done := map[string]int{}
	for _, w := range l.writers {
		w.work.compare()
		for what, n := range w.counts {
			done[what] += n
		}
	}
	var suspensions, refusals int
	for _, s := range l.suspended {
		suspensions += s.times
		refusals += s.refusals
		if s.times == 0 || s.refusals == 0 {
			t.Errorf("somebody was suspended %d times and refused %d times, want both", s.times, s.refusals)
		}
	}
	for i, what := range l.wrong {
		if i == 20 {
			t.Errorf("and %d more", len(l.wrong)-i)
			break
		}
		t.Error(what)
	}
	t.Logf("counted: %d faults in %d rounds, the longest recovery took %s", rounds*len(faults), rounds, longest.Round(time.Millisecond))
	t.Logf("counted: acknowledged %v", done)
	t.Logf("counted: %d suspensions, %d calls of suspended people refused", suspensions, refusals)
	t.Logf("counted: %d retries; responses by status, 0 for none: %v", l.retries, l.statuses)
}
