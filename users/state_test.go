package users

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	mathrand "math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"encore.dev/beta/errs"
	"encore.dev/storage/sqldb"

	"encore.app/users/logto"
)

func mustApply(t *testing.T, s logto.State, asOf *time.Time) *applied {
	t.Helper()
	var a *applied
	if err := inTransaction(t.Context(), func(tx *sqldb.Tx) (changes []string, err error) {
		if a, err = apply(t.Context(), tx, []logto.State{s}, asOf); err != nil {
			return nil, err
		}
		return a.changed, nil
	}); err != nil {
		t.Fatal(err)
	}
	return a
}

func mustTombstone(t *testing.T, logtoID string) {
	t.Helper()
	if err := inTransaction(t.Context(), func(tx *sqldb.Tx) ([]string, error) { return tombstone(t.Context(), tx, logtoID) }); err != nil {
		t.Fatal(err)
	}
}

func TestApply_Order(t *testing.T) {
	named := func(id, name string, seconds int) logto.State {
		return logto.State{ID: id, Name: &name, Phone: new("1"), UpdatedAt: at(seconds)}
	}
	asked := at(100)
	tests := []struct {
		name string
		next func(id string) logto.State
		asOf *time.Time
		want string
	}{
		{"newer", func(id string) logto.State { return named(id, "Two", 11) }, nil, "Two"},
		{"older", func(id string) logto.State { return named(id, "Two", 9) }, nil, "One"},
		{"same time", func(id string) logto.State { return named(id, "Two", 10) }, nil, "One"},
		{"newer by 1 ms", func(id string) logto.State {
			s := named(id, "Two", 10)
			s.UpdatedAt = s.UpdatedAt.Add(time.Millisecond)
			return s
		}, nil, "Two"},
		{"older, but Logto was asked afterwards", func(id string) logto.State { return named(id, "Two", 9) }, &asked, "Two"},
		{"same time, but Logto was asked afterwards", func(id string) logto.State { return named(id, "Two", 10) }, &asked, "Two"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			id := rand.Text()
			mustApply(t, named(id, "One", 10), nil)
			before := rowVersion(t, id)
			a := mustApply(t, tt.next(id), tt.asOf)
			if got := findRow(t, id); got.name != tt.want || a.ids[0] != got.id {
				t.Errorf("name = %q, want %q; ids %v, want %d", got.name, tt.want, a.ids, got.id)
			}
			if changed := rowVersion(t, id) != before; changed != (tt.want == "Two") || changed != (len(a.changed) == 1) {
				t.Errorf("row written: %t, changed = %v", changed, a.changed)
			}
		})
	}

	t.Run("late webhook after Logto was asked", func(t *testing.T) {
		id := rand.Text()
		mustApply(t, named(id, "One", 10), nil)
		mustApply(t, named(id, "Two", 5), &asked)
		mustApply(t, named(id, "Late", 8), nil)
		if got := findRow(t, id); got.name != "Two" {
			t.Errorf("name = %q, want Two", got.name)
		}
	})

	t.Run("Logto was asked before the last change", func(t *testing.T) {
		id, early := rand.Text(), at(5)
		mustApply(t, named(id, "One", 10), nil)
		mustApply(t, named(id, "Zero", 4), &early)
		if got := findRow(t, id); got.name != "One" {
			t.Errorf("name = %q, want One", got.name)
		}
	})
}

func TestApply_Token(t *testing.T) {
	whole := func(id, text string, seconds int) logto.State {
		return logto.State{ID: id, Username: &text, Email: &text, Phone: &text, Name: &text, Picture: &text, UpdatedAt: at(seconds)}
	}
	texts := func(t *testing.T, id string) [5]string {
		got := findRow(t, id)
		return [5]string{got.username, got.email, got.phone, got.name, got.picture}
	}
	asked := at(100)
	tests := []struct {
		name  string
		state func(id string) logto.State
		asOf  *time.Time
		want  [5]string
	}{
		{"newer state", func(id string) logto.State { return whole(id, "s", 21) }, nil, [5]string{"s", "s", "s", "s", "s"}},
		// The token may have been issued before the change, in the same second.
		{"state of the same second", func(id string) logto.State { return whole(id, "s", 20) }, nil, [5]string{"s", "s", "s", "s", "s"}},
		{"newer token", func(id string) logto.State { return whole(id, "s", 19) }, nil, [5]string{"s", "t", "s", "t", "s"}},
		{"newer token, but Logto was asked afterwards", func(id string) logto.State { return whole(id, "s", 19) }, &asked, [5]string{"s", "s", "s", "s", "s"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			id := rand.Text()
			mustApply(t, whole(id, "o", 10), nil)
			if _, err := Ensure(t.Context(), &EnsureParams{LogtoID: id, Email: new("t"), Name: new("t"), IssuedAt: at(20)}); err != nil {
				t.Fatal(err)
			}
			if got := texts(t, id); got != [5]string{"o", "t", "o", "t", "o"} {
				t.Fatalf("profile = %q", got)
			}
			mustApply(t, tt.state(id), tt.asOf)
			if got := texts(t, id); got != tt.want {
				t.Errorf("profile = %q, want %q", got, tt.want)
			}
		})
	}

	t.Run("token after a state", func(t *testing.T) {
		for issued, want := range map[int]string{9: "s", 10: "s", 11: "t"} {
			id := rand.Text()
			mustApply(t, whole(id, "s", 10), nil)
			if _, err := Ensure(t.Context(), &EnsureParams{LogtoID: id, Name: new("t"), IssuedAt: at(issued)}); err != nil {
				t.Fatal(err)
			}
			if got := findRow(t, id).name; got != want {
				t.Errorf("token of %d: name = %q, want %q", issued, got, want)
			}
		}
	})
}

func TestTombstone(t *testing.T) {
	late := func(id string) logto.State { return logto.State{ID: id, Name: new("Late"), UpdatedAt: at(1000)} }
	for name, prepare := range map[string]func(id string){
		"known":             func(id string) { mustApply(t, late(id), nil) },
		"called":            func(id string) { mustEnsure(t, id) },
		"unknown":           func(string) {},
		"suspended":         func(id string) { s := late(id); s.Suspended = true; mustApply(t, s, nil) },
		"deleted already":   func(id string) { mustTombstone(t, id) },
		"forgotten":         func(id string) { mustEnsure(t, id); mustForget(t, id) },
		"forgotten, called": func(id string) { mustEnsure(t, id); mustForget(t, id); mustEnsure(t, id) },
	} {
		t.Run(name, func(t *testing.T) {
			id := rand.Text()
			prepare(id)
			mustTombstone(t, id)
			now := time.Now()
			mustApply(t, late(id), nil)
			mustApply(t, late(id), &now)
			got, err := Ensure(t.Context(), &EnsureParams{LogtoID: id, Name: new("Late"), IssuedAt: at(2000)})
			if err != nil || !got.Deleted || got.Suspended {
				t.Errorf("response = %+v, err = %v, want deleted", got, err)
			}
			r := findRow(t, id)
			if name == "forgotten" {
				if r != nil {
					t.Errorf("row = %+v", r)
				}
				return
			}
			if *r != (row{id: r.id, username: "-", email: "-", phone: "-", name: "-", picture: "-", deleted: true}) {
				t.Errorf("row = %+v, want a tombstone", r)
			}
			if !exists(t, `SELECT FROM deletions WHERE user_id = $1`, r.id) {
				t.Error("no deletion is queued")
			}
		})
	}
}

// history is a random history of a person in Logto, with its deliveries and tokens.
type history struct {
	random     *mathrand.Rand
	now        time.Time
	person     *fakePerson // nil once deleted
	deliveries []string
	calls      []EnsureParams
}

func newHistory(seed uint64, id string) *history {
	h := &history{random: mathrand.New(mathrand.NewPCG(seed, 2)), now: yesterday}
	h.tick()
	h.person = &fakePerson{ID: id, Username: new("u" + id), CreatedAt: h.now.UnixMilli(), UpdatedAt: h.now.UnixMilli()}
	h.deliver("User.Created", "data", "/users")
	for range 2 + h.random.IntN(10) {
		h.step()
	}
	if h.random.IntN(4) == 0 {
		h.tick()
		h.deliver("User.Deleted", "data", "/users/:userId")
		h.person = nil
	}
	return h
}

// tick advances the clock, often by less than the one-second precision of tokens.
func (h *history) tick() { h.now = h.now.Add(time.Duration(1+h.random.IntN(800)) * time.Millisecond) }

func (h *history) deliver(event, key, route string) {
	body := map[string]any{"event": event, key: h.person, "params": map[string]string{"userId": h.person.ID}, "matchedRoute": route}
	if key == "user" {
		body = map[string]any{"event": event, key: h.person, "userId": h.person.ID, "sessionId": "s"}
	}
	data, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	h.deliveries = append(h.deliveries, string(data))
}

func (h *history) step() {
	p := h.person
	h.tick()
	text := func() *string {
		if h.random.IntN(4) == 0 {
			return nil
		}
		return new(fmt.Sprint(h.random.IntN(1000)))
	}
	touch := func() { p.UpdatedAt = h.now.UnixMilli() }
	switch h.random.IntN(8) {
	case 0:
		touch()
		p.Name, p.Avatar = text(), text()
		h.deliver("User.Data.Updated", "data", "/users/:userId")
	case 1:
		touch()
		p.PrimaryEmail, p.PrimaryPhone = text(), text()
		h.deliver("User.Data.Updated", "data", "") // no route: changed by the person
	case 2, 3:
		touch()
		p.IsSuspended = !p.IsSuspended
		h.deliver("User.SuspensionStatus.Updated", "data", "/users/:userId/is-suspended")
	case 4:
		touch()
		h.deliver("PostSignIn", "user", "")
	case 5: // custom data that looks like a person
		touch()
		h.deliveries = append(h.deliveries, fmt.Sprintf(
			`{"event":"User.Data.Updated","matchedRoute":"/users/:userId/custom-data","params":{"userId":%q},"data":%s}`,
			p.ID, userJSON(p.ID, map[string]any{"updatedAt": h.now.Add(time.Hour).UnixMilli()})))
	case 6, 7: // a token with some of the claims
		call := EnsureParams{LogtoID: p.ID, IssuedAt: h.now.Truncate(time.Second)}
		for _, claim := range []struct{ dest, value **string }{
			{&call.Username, &p.Username}, {&call.Email, &p.PrimaryEmail}, {&call.Name, &p.Name}, {&call.Picture, &p.Avatar},
		} {
			if h.random.IntN(2) == 0 {
				*claim.dest = *claim.value
			}
		}
		h.calls = append(h.calls, call)
	}
}

// TestRandomHistories mixes deliveries (some lost or repeated), calls with old and new
// tokens, and Forget. After a sync, each row must have Logto's last state.
func TestRandomHistories(t *testing.T) {
	emptyTables(t)
	f := newFakeLogto(t)
	histories := make(map[string]*history)
	gone := make(map[string]bool) // forgotten and not back
	for seed := range uint64(300) {
		id := fmt.Sprintf("life%d", seed)
		h := newHistory(seed, id)
		histories[id] = h
		var steps []func()
		for _, body := range h.deliveries {
			for range [...]int{0, 1, 1, 1, 2}[h.random.IntN(5)] { // lost, once or twice
				steps = append(steps, func() { mustDeliver(t, body) })
			}
		}
		for _, call := range h.calls {
			steps = append(steps, func() {
				resp, err := Ensure(t.Context(), &call)
				if err != nil {
					t.Fatal(err)
				}
				if !resp.Suspended && !resp.Deleted {
					gone[id] = false
				}
			})
		}
		if h.random.IntN(3) == 0 {
			steps = append(steps, func() {
				skipForgetInterval(t, id)
				switch _, err := forget(t.Context(), id); {
				case err == nil:
					// False for an unknown person: there was nothing to forget.
					gone[id] = exists(t, `SELECT FROM forgotten WHERE logto_id = $1`, id)
				case findRow(t, id) == nil:
					t.Fatal(err)
				}
			})
		}
		h.random.Shuffle(len(steps), func(i, j int) { steps[i], steps[j] = steps[j], steps[i] })
		for _, step := range steps {
			before := findRow(t, id)
			step()
			if after := findRow(t, id); before != nil && before.deleted && *after != *before {
				t.Fatalf("tombstone of %s was changed: %+v", id, after)
			}
		}
		if h.person != nil {
			f.people[id] = h.person
		}
	}
	if got := mustSync(t, f); got.Deleted == 0 || got.Changed == 0 {
		t.Errorf("the sync had nothing to do: %+v", got)
	}
	for id, h := range histories {
		got := findRow(t, id)
		switch {
		case h.person == nil:
			if got != nil && (!got.deleted || got.name != "-") {
				t.Errorf("%s is deleted in Logto: row %+v", id, got)
			}
		case gone[id]:
			if got != nil {
				t.Errorf("%s was forgotten: row %+v", id, got)
			}
			resp, err := Ensure(t.Context(), &EnsureParams{LogtoID: id})
			if err != nil || resp.Suspended != h.person.IsSuspended || resp.Deleted {
				t.Errorf("%s calls again: %+v, err = %v, want suspended %t", id, resp, err, h.person.IsSuspended)
			}
		default:
			if got == nil {
				t.Errorf("%s has no row", id)
				continue
			}
			want := h.person.row()
			want.id, want.seen = got.id, got.seen
			if *got != want {
				t.Errorf("row of %s = %+v, want %+v", id, *got, want)
			}
		}
	}
}

func TestWebhook_AnyOrder(t *testing.T) {
	for seed := range uint64(100) {
		id := rand.Text()
		h := newHistory(seed, id)
		deliveries := slices.Clone(h.deliveries)
		h.random.Shuffle(len(deliveries), func(i, j int) { deliveries[i], deliveries[j] = deliveries[j], deliveries[i] })
		for _, body := range deliveries {
			mustDeliver(t, body)
		}
		want := row{username: "-", email: "-", phone: "-", name: "-", picture: "-", deleted: true}
		if h.person != nil {
			want = h.person.row()
		}
		got := findRow(t, id)
		want.id = got.id
		if *got != want {
			t.Errorf("seed %d: row = %+v, want %+v", seed, *got, want)
		}
	}
}

// TestConcurrentChanges checks that nothing fails or deadlocks.
func TestConcurrentChanges(t *testing.T) {
	ids := []string{rand.Text(), rand.Text(), rand.Text()}
	var states []logto.State
	for _, id := range ids {
		states = append(states, logto.State{ID: id, Name: new("Alice"), UpdatedAt: at(0)})
	}
	var wg sync.WaitGroup
	repeat := func(do func(i int) error) {
		wg.Go(func() {
			for i := range 40 {
				if err := do(i); err != nil {
					t.Error(err)
				}
			}
		})
	}
	syncAll := func(i int) error {
		s := slices.Clone(states)
		for j := range s {
			s[j].UpdatedAt = at(i)
		}
		return inTransaction(t.Context(), func(tx *sqldb.Tx) ([]string, error) {
			_, err := apply(t.Context(), tx, s, nil)
			return nil, err
		})
	}
	repeat(syncAll)
	repeat(syncAll)
	for j, id := range ids {
		repeat(func(int) error {
			_, err := Ensure(t.Context(), &EnsureParams{LogtoID: id, Name: new("Token"), IssuedAt: at(j)})
			return err
		})
		repeat(func(int) error {
			skipForgetInterval(t, id)
			if _, err := forget(t.Context(), id); errs.Code(err) != errs.ResourceExhausted {
				return err
			}
			return nil // the person has just come back
		})
		repeat(func(i int) error {
			e := logto.Event{State: &logto.State{ID: id, Name: new("Hook"), UpdatedAt: at(i)}}
			return applyEvent(t.Context(), &e)
		})
	}
	wg.Wait()
	for _, id := range ids {
		mustForget(t, id)
		e := logto.Event{State: &logto.State{ID: id, Suspended: true, UpdatedAt: at(1000)}}
		if err := applyEvent(t.Context(), &e); err != nil {
			t.Fatal(err)
		}
		if findRow(t, id) != nil {
			t.Error("a webhook brought back a forgotten person")
		}
		if resp, err := Ensure(t.Context(), &EnsureParams{LogtoID: id}); err != nil || !resp.Suspended {
			t.Errorf("response = %+v, err = %v, want suspended", resp, err)
		}
	}
}
