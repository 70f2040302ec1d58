// Package property throws random requests at the backend at BASE_URL, as several
// people, a machine and nobody, and checks what must hold whatever is sent: no
// answer is an error of the server's own or tells of its inside, and nobody sees
// or changes what is another's.
//
// It needs the local identity provider, and a backend that nobody else uses at
// the same time as the same people. SEED chooses other requests than the usual
// ones, REQUESTS how many.
package property

import (
	"cmp"
	"encoding/json"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"encore.app/e2e/backend"
)

const (
	// usualSeed makes each run send the same, so that a failure is not one that
	// comes and goes.
	usualSeed     = 4
	usualRequests = 4000
	// checkEvery is after how many requests everything is compared.
	checkEvery = 500
)

// example is a part of the application that a file of its own knows.
type example struct {
	kinds []kind
	// start, if it isn't nil, prepares for the callers.
	start func(*testing.T, *backend.Backend, []*caller)
	// observe looks at each answer, whatever was asked, and returns what is wrong.
	observe func(observation) (problems []string)
	// compare, if it isn't nil, compares what is there with what was answered.
	compare func(*testing.T, *backend.Backend) (problems []string)
	// wanted are kinds of requests and statuses that must occur.
	wanted []string
}

var examples []example

// observation is a request of some kind by a caller, and its answer.
type observation struct {
	kind    string
	caller  *caller
	request backend.Request
	answer  backend.Answer
}

func TestRandomRequests(t *testing.T) {
	seed := number(t, "SEED", usualSeed)
	t.Logf("SEED=%d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	app := backend.FromEnv(t, "BASE_URL")
	callers := newCallers(t)
	for _, e := range examples {
		if e.start != nil {
			e.start(t, app, callers)
		}
	}
	g := &generator{Rand: random, callers: callers}

	answered := map[string]int{} // by kind of request and status
	for i := range number(t, "REQUESTS", usualRequests) {
		c := g.caller()
		r := g.request(c)
		a := app.Do(t, r)
		answered[g.kind+" "+strconv.Itoa(a.Status)]++

		problems := append(checkAnswer(g.kind, a), checkPeople(callers, c, a)...)
		for _, e := range examples {
			problems = append(problems, e.observe(observation{g.kind, c, r, a})...)
		}
		if i%checkEvery == checkEvery-1 {
			problems = append(problems, compareAll(t, app)...)
		}
		if len(problems) > 0 {
			t.Fatalf("request %d, by %s:\n%s %s\n%v\n%.2000s\n\nstatus %d: %.2000s\n\n%s",
				i, c.name, r.Method, r.Path, r.Header, r.Body, a.Status, a.Body, strings.Join(problems, "\n"))
		}
	}
	if problems := compareAll(t, app); len(problems) > 0 {
		t.Fatal(strings.Join(problems, "\n"))
	}
	// A test that is refused everything would find nothing.
	wanted := []string{"users 200", "webhook 204", "forget 200"}
	for _, e := range examples {
		wanted = append(wanted, e.wanted...)
	}
	for _, want := range wanted {
		if answered[want] == 0 {
			t.Errorf("there was no answer %q among %v", want, answered)
		}
	}
	t.Log(answered)
}

func number(t *testing.T, variable string, usual uint64) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(cmp.Or(os.Getenv(variable), strconv.FormatUint(usual, 10)), 10, 64)
	if err != nil {
		t.Fatalf("%s is not a number: %v", variable, err)
	}
	return n
}

// statuses are those an answer may have.
var statuses = []int{200, 204, 301, 308, 400, 401, 403, 404, 405, 409, 413, 415, 431}

// inside matches words by which an answer would give away what is behind it. The
// generator uses none of them. A cursor may have the letters of one within it.
var inside = regexp.MustCompile(`(?i)\b(?:sqlstate|pgx|pgconn|postgres|violates|duplicate key|syntax error|relation|` +
	`goroutine|\w+\.go:\d+|panic|runtime error|dial tcp|context canceled|context deadline|unexpected)\b`)

// decoding is how Encore begins what it says itself of a request that it can't decode.
const decoding = `"message": "decode request: `

// checkAnswer checks what holds for every answer.
func checkAnswer(kind string, a backend.Answer) (problems []string) {
	tooSoon := kind == "forget" && a.Status == 429 // whoever was forgotten must wait
	if !slices.Contains(statuses, a.Status) && !tooSoon {
		problems = append(problems, "the status is none that a client should see")
	}
	for _, word := range inside.FindAllString(a.Body, -1) {
		if !(strings.EqualFold(word, "unexpected") && strings.Contains(a.Body, decoding)) {
			problems = append(problems, "the answer tells of the inside: "+word)
		}
	}
	if a.Header.Get("Content-Type") == "application/json" && a.Body != "" && !json.Valid([]byte(a.Body)) {
		problems = append(problems, "the answer is not JSON")
	}
	return problems
}

// checkPeople checks that the answer doesn't tell who somebody else is. No request
// does either.
func checkPeople(callers []*caller, c *caller, a backend.Answer) (problems []string) {
	for _, other := range callers {
		if other.person != "" && other.person != c.person && !c.mayListUsers && strings.Contains(a.Body, other.person) {
			problems = append(problems, "the answer tells who "+other.name+" is")
		}
	}
	return problems
}

// compareAll compares what the application has with what it was told.
func compareAll(t *testing.T, app *backend.Backend) (problems []string) {
	t.Helper()
	for _, e := range examples {
		if e.compare != nil {
			problems = append(problems, e.compare(t, app)...)
		}
	}
	return problems
}
