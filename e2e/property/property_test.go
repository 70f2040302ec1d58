// Package property sends random requests to the backend at BASE_URL, as several
// people, a machine and without a token. It checks that no response is a server
// error or reveals internals, and that nobody sees or changes what belongs to
// somebody else.
//
// It needs the local identity provider, and nobody else may use the backend at the
// same time. SEED and REQUESTS set the random seed and the number of requests.
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
	defaultSeed     = 4 // fixed, so that a failure can be repeated
	defaultRequests = 4000
	compareEvery    = 500 // requests
)

// example is what the file of an example adds to the test. start and compare may be
// nil.
type example struct {
	kinds []kind
	start func(*testing.T, *backend.Backend, []*caller)
	// check checks every response, whatever the request was.
	check   func(exchange) (problems []string)
	compare func(*testing.T, *backend.Backend) (problems []string)
	// wanted lists kinds with statuses, such as "users 200", that have to occur.
	wanted []string
}

var examples []example

type exchange struct {
	kind    string
	caller  *caller
	request backend.Request
	answer  backend.Answer
}

func TestRandomRequests(t *testing.T) {
	seed := numberFromEnv(t, "SEED", defaultSeed)
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
	for i := range numberFromEnv(t, "REQUESTS", defaultRequests) {
		c := g.caller()
		r := g.request(c)
		a := app.Do(t, r)
		answered[g.kind+" "+strconv.Itoa(a.Status)]++

		problems := append(checkAnswer(g.kind, a), checkPeople(callers, c, a)...)
		for _, e := range examples {
			problems = append(problems, e.check(exchange{g.kind, c, r, a})...)
		}
		if i%compareEvery == compareEvery-1 {
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
	// If every request were refused, the test would check nothing.
	wanted := []string{"users 200", "webhook 204", "forget 200"}
	for _, e := range examples {
		wanted = append(wanted, e.wanted...)
	}
	for _, want := range wanted {
		if answered[want] == 0 {
			t.Errorf("no response %q among %v", want, answered)
		}
	}
	t.Log(answered)
}

func numberFromEnv(t *testing.T, variable string, fallback uint64) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(cmp.Or(os.Getenv(variable), strconv.FormatUint(fallback, 10)), 10, 64)
	if err != nil {
		t.Fatalf("%s is not a number: %v", variable, err)
	}
	return n
}

var statuses = []int{200, 204, 301, 308, 400, 401, 403, 404, 405, 409, 413, 415, 431}

// internals matches words that no response may contain. The generator doesn't send
// them. They are whole words, because a cursor may contain the same letters.
var internals = regexp.MustCompile(`(?i)\b(?:sqlstate|pgx|pgconn|postgres|violates|duplicate key|syntax error|relation|` +
	`goroutine|\w+\.go:\d+|panic|runtime error|dial tcp|context canceled|context deadline|unexpected)\b`)

// decodeError starts Encore's own message for a request that it can't decode.
const decodeError = `"message": "decode request: `

func checkAnswer(kind string, a backend.Answer) (problems []string) {
	tooSoon := kind == "forget" && a.Status == 429 // two deletions in a row
	if !slices.Contains(statuses, a.Status) && !tooSoon {
		problems = append(problems, "a client should not see this status")
	}
	for _, word := range internals.FindAllString(a.Body, -1) {
		if !(strings.EqualFold(word, "unexpected") && strings.Contains(a.Body, decodeError)) {
			problems = append(problems, "the response reveals internals: "+word)
		}
	}
	if a.Header.Get("Content-Type") == "application/json" && a.Body != "" && !json.Valid([]byte(a.Body)) {
		problems = append(problems, "the response is not JSON")
	}
	return problems
}

// checkPeople checks that the response doesn't contain another person's ID, which no
// request contains.
func checkPeople(callers []*caller, c *caller, a backend.Answer) (problems []string) {
	for _, other := range callers {
		if other.person != "" && other.person != c.person && !c.mayListUsers && strings.Contains(a.Body, other.person) {
			problems = append(problems, "the response contains the ID of "+other.name)
		}
	}
	return problems
}

func compareAll(t *testing.T, app *backend.Backend) (problems []string) {
	t.Helper()
	for _, e := range examples {
		if e.compare != nil {
			problems = append(problems, e.compare(t, app)...)
		}
	}
	return problems
}
