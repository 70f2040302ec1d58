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
		{"of the same time", func(id string) logto.State { return named(id, "Two", 10) }, nil, "One"},
		{"newer by a millisecond", func(id string) logto.State {
			s := named(id, "Two", 10)
			s.UpdatedAt = s.UpdatedAt.Add(time.Millisecond)
			return s
		}, nil, "Two"},
		{"older, and asked for afterwards", func(id string) logto.State { return named(id, "Two", 9) }, &asked, "Two"},
		{"of the same time, and asked for afterwards", func(id string) logto.State { return named(id, "Two", 10) }, &asked, "Two"},
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
				t.Errorf("row written: %t, changed %v", changed, a.changed)
			}
		})
	}

	t.Run("what was late stays late after Logto was asked", func(t *testing.T) {
		id := rand.Text()
		mustApply(t, named(id, "One", 10), nil)
		mustApply(t, named(id, "Two", 5), &asked)
		mustApply(t, named(id, "Late", 8), nil)
		if got := findRow(t, id); got.name != "Two" {
			t.Errorf("name = %q, want Two", got.name)
		}
	})

	t.Run("asked for before the state held", func(t *testing.T) {
		id, early := rand.Text(), at(5)
		mustApply(t, named(id, "One", 10), nil)
		mustApply(t, named(id, "Zero", 4), &early)
		if got := findRow(t, id); got.name != "One" {
			t.Errorf("name = %q, want One", got.name)
		}
	})
}

// TestApply_Token: a part of the profile is held from a token that is newer than
// the state.
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
		{"the state is newer", func(id string) logto.State { return whole(id, "s", 21) }, nil, [5]string{"s", "s", "s", "s", "s"}},
		// The token was issued in that second, perhaps before the change.
		{"the state is of the token's second", func(id string) logto.State { return whole(id, "s", 20) }, nil, [5]string{"s", "s", "s", "s", "s"}},
		{"the token is newer", func(id string) logto.State { return whole(id, "s", 19) }, nil, [5]string{"s", "t", "s", "t", "s"}},
		{"the token is newer, and Logto was asked afterwards", func(id string) logto.State { return whole(id, "s", 19) }, &asked, [5]string{"s", "s", "s", "s", "s"}},
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

	t.Run("an older token changes nothing", func(t *testing.T) {
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
		"known":              func(id string) { mustApply(t, late(id), nil) },
		"seen":               func(id string) { mustEnsure(t, id) },
		"unknown":            func(string) {},
		"suspended":          func(id string) { s := late(id); s.Suspended = true; mustApply(t, s, nil) },
		"deleted already":    func(id string) { mustTombstone(t, id) },
		"forgotten":          func(id string) { mustEnsure(t, id); mustForget(t, id) },
		"forgotten and back": func(id string) { mustEnsure(t, id); mustForget(t, id); mustEnsure(t, id) },
	} {
		t.Run(name, func(t *testing.T) {
			id := rand.Text()
			prepare(id)
			mustTombstone(t, id)
			// Nothing brings them back.
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
				t.Error("the deletion is not going to be published")
			}
		})
	}
}

// life is what may happen to a person at Logto, and here. It is played out once,
// which leaves deliveries and tokens, in their order.
type life struct {
	random     *mathrand.Rand
	now        time.Time
	person     *fakePerson // nil when they are deleted
	deliveries []string
	calls      []EnsureParams
}

func newLife(seed uint64, id string) *life {
	l := &life{random: mathrand.New(mathrand.NewPCG(seed, 2)), now: yesterday}
	l.tick()
	l.person = &fakePerson{ID: id, Username: new("u" + id), CreatedAt: l.now.UnixMilli(), UpdatedAt: l.now.UnixMilli()}
	l.deliver("User.Created", "data", "/users")
	for range 2 + l.random.IntN(10) {
		l.step()
	}
	if l.random.IntN(4) == 0 {
		l.tick()
		l.deliver("User.Deleted", "data", "/users/:userId")
		l.person = nil
	}
	return l
}

// tick lets time pass: often less than a second, which tokens can't tell apart.
func (l *life) tick() { l.now = l.now.Add(time.Duration(1+l.random.IntN(800)) * time.Millisecond) }

func (l *life) deliver(event, key, route string) {
	body := map[string]any{"event": event, key: l.person, "params": map[string]string{"userId": l.person.ID}, "matchedRoute": route}
	if key == "user" {
		body = map[string]any{"event": event, key: l.person, "userId": l.person.ID, "sessionId": "s"}
	}
	data, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	l.deliveries = append(l.deliveries, string(data))
}

func (l *life) step() {
	p := l.person
	l.tick()
	text := func() *string {
		if l.random.IntN(4) == 0 {
			return nil
		}
		return new(fmt.Sprint(l.random.IntN(1000)))
	}
	touch := func() { p.UpdatedAt = l.now.UnixMilli() }
	switch l.random.IntN(8) {
	case 0:
		touch()
		p.Name, p.Avatar = text(), text()
		l.deliver("User.Data.Updated", "data", "/users/:userId")
	case 1:
		touch()
		p.PrimaryEmail, p.PrimaryPhone = text(), text()
		l.deliver("User.Data.Updated", "data", "") // by the person
	case 2, 3:
		touch()
		p.IsSuspended = !p.IsSuspended
		l.deliver("User.SuspensionStatus.Updated", "data", "/users/:userId/is-suspended")
	case 4:
		touch()
		l.deliver("PostSignIn", "user", "")
	case 5: // custom data that looks like somebody
		touch()
		l.deliveries = append(l.deliveries, fmt.Sprintf(
			`{"event":"User.Data.Updated","matchedRoute":"/users/:userId/custom-data","params":{"userId":%q},"data":%s}`,
			p.ID, userJSON(p.ID, map[string]any{"updatedAt": l.now.Add(time.Hour).UnixMilli()})))
	case 6, 7: // a token, with some of the profile
		call := EnsureParams{LogtoID: p.ID, IssuedAt: l.now.Truncate(time.Second)}
		for _, claim := range []struct{ to, value **string }{
			{&call.Username, &p.Username}, {&call.Email, &p.PrimaryEmail}, {&call.Name, &p.Name}, {&call.Picture, &p.Avatar},
		} {
			if l.random.IntN(2) == 0 {
				*claim.to = *claim.value
			}
		}
		l.calls = append(l.calls, call)
	}
}

// TestFollow_RandomHistories: deliveries come in any order, twice, or not at all,
// between calls with tokens old and new, and the person may make the application
// forget them. A sync later, the row is Logto's last state, or what the person
// or Logto deleted is deleted.
func TestFollow_RandomHistories(t *testing.T) {
	emptyTables(t)
	f := newFakeLogto(t)
	lives := make(map[string]*life)
	gone := make(map[string]bool) // forgotten, and not back
	for seed := range uint64(300) {
		id := fmt.Sprintf("life%d", seed)
		l := newLife(seed, id)
		lives[id] = l
		var steps []func()
		for _, body := range l.deliveries {
			for range [...]int{0, 1, 1, 1, 2}[l.random.IntN(5)] { // lost, delivered, or twice
				steps = append(steps, func() { mustDeliver(t, body) })
			}
		}
		for _, call := range l.calls {
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
		if l.random.IntN(3) == 0 {
			steps = append(steps, func() {
				mayForget(t, id)
				switch _, err := forget(t.Context(), id); {
				case err == nil:
					// Of somebody unknown there is nothing to forget.
					gone[id] = exists(t, `SELECT FROM forgotten WHERE logto_id = $1`, id)
				case findRow(t, id) == nil:
					t.Fatal(err)
				}
			})
		}
		l.random.Shuffle(len(steps), func(i, j int) { steps[i], steps[j] = steps[j], steps[i] })
		for _, step := range steps {
			dead := findRow(t, id)
			step()
			if after := findRow(t, id); dead != nil && dead.deleted && *after != *dead {
				t.Fatalf("%s is back from the dead: %+v", id, after)
			}
		}
		if l.person != nil {
			f.people[id] = l.person
		}
	}
	if got := mustSync(t, f); got.Deleted == 0 || got.Changed == 0 {
		t.Errorf("the histories left nothing for the sync to do: %+v", got)
	}
	for id, l := range lives {
		got := findRow(t, id)
		switch {
		case l.person == nil:
			if got != nil && (!got.deleted || got.name != "-") {
				t.Errorf("%s is deleted in Logto: row %+v", id, got)
			}
		case gone[id]:
			if got != nil {
				t.Errorf("%s was forgotten: row %+v", id, got)
			}
			resp, err := Ensure(t.Context(), &EnsureParams{LogtoID: id})
			if err != nil || resp.Suspended != l.person.IsSuspended || resp.Deleted {
				t.Errorf("%s calls again: %+v, err = %v, want suspended %t", id, resp, err, l.person.IsSuspended)
			}
		default:
			if got == nil {
				t.Errorf("%s has no row", id)
				continue
			}
			want := l.person.row()
			want.id, want.seen = got.id, got.seen
			if *got != want {
				t.Errorf("row of %s = %+v, want %+v", id, *got, want)
			}
		}
	}
}

// TestFollow_NothingLost: if all deliveries come, once and in any order, no sync
// is needed.
func TestFollow_NothingLost(t *testing.T) {
	for seed := range uint64(100) {
		id := rand.Text()
		l := newLife(seed, id)
		deliveries := slices.Clone(l.deliveries)
		l.random.Shuffle(len(deliveries), func(i, j int) { deliveries[i], deliveries[j] = deliveries[j], deliveries[i] })
		for _, body := range deliveries {
			mustDeliver(t, body)
		}
		want := row{username: "-", email: "-", phone: "-", name: "-", picture: "-", deleted: true}
		if l.person != nil {
			want = l.person.row()
		}
		got := findRow(t, id)
		want.id = got.id
		if *got != want {
			t.Errorf("seed %d: row = %+v, want %+v", seed, *got, want)
		}
	}
}

// TestFollow_AtOnce: news, calls and wishes to be forgotten at the same moment
// all end well, and none of them waits for another for ever.
func TestFollow_AtOnce(t *testing.T) {
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
	all := func(i int) error { // as a sync
		s := slices.Clone(states)
		for j := range s {
			s[j].UpdatedAt = at(i)
		}
		return inTransaction(t.Context(), func(tx *sqldb.Tx) ([]string, error) {
			_, err := apply(t.Context(), tx, s, nil)
			return nil, err
		})
	}
	repeat(all)
	repeat(all)
	for j, id := range ids {
		repeat(func(int) error {
			_, err := Ensure(t.Context(), &EnsureParams{LogtoID: id, Name: new("Token"), IssuedAt: at(j)})
			return err
		})
		repeat(func(int) error {
			mayForget(t, id)
			if _, err := forget(t.Context(), id); errs.Code(err) != errs.ResourceExhausted {
				return err
			}
			return nil // came back meanwhile
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
			t.Error("news brought somebody back")
		}
		if resp, err := Ensure(t.Context(), &EnsureParams{LogtoID: id}); err != nil || !resp.Suspended {
			t.Errorf("response = %+v, err = %v, want suspended", resp, err)
		}
	}
}
