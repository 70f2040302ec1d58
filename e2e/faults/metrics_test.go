package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"encore.app/e2e/backend"
)

// metric returns the value of a series, or 0 if it doesn't exist yet.
func metric(t *testing.T, app *backend.Backend, series string) float64 {
	t.Helper()
	a := app.Get(t, "/__encore/metrics", "")
	if a.Status != 200 {
		t.Fatalf("metrics: status %d: %s", a.Status, a.Body)
	}
	for line := range strings.Lines(a.Body) {
		if text, ok := strings.CutPrefix(line, series+" "); ok {
			value, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
			if err != nil {
				t.Fatal(err)
			}
			return value
		}
	}
	return 0
}

func TestDeliveryMetrics(t *testing.T) {
	useSigningKey(t)
	idp, db := newProvider(t), newDatabaseProxy(t)
	db.open(t)
	app := start(t, config(idp.issuer()), db.address)
	body := fmt.Sprintf(`{"event":"User.SuspensionStatus.Updated","createdAt":%q,"data":{"id":%q,"isSuspended":true,"updatedAt":1}}`,
		time.Now().Add(-time.Hour).Format(time.RFC3339), person())

	for range 2 {
		if a := deliver(t, app, body); a.Status != 204 {
			t.Fatalf("status %d: %s", a.Status, a.Body)
		}
	}
	for range 3 {
		backend.Refusal(t, app.Do(t, backend.Request{Method: "POST", Path: "/webhooks/logto", Body: body, Header: map[string]string{
			"Content-Type": "application/json",
		}}), 401)
	}
	db.close()
	backend.Refusal(t, deliver(t, app, body), 503)

	for outcome, want := range map[string]float64{"accepted": 2, "rejected": 3, "lost": 1} {
		series := fmt.Sprintf("webhook_deliveries_total{outcome=%q,service=%q}", outcome, "users")
		if got := metric(t, app, series); got != want {
			t.Errorf("%s %v, want %v", series, got, want)
		}
	}
	delay := time.Duration(metric(t, app, `webhook_delivery_delay_seconds_total{service="users"}`)) * time.Second
	if delay < 2*time.Hour || delay > 2*time.Hour+time.Minute {
		t.Errorf("the delay of two deliveries of an hour is %v", delay)
	}
}

// measure updates the gauges, which the application otherwise does periodically.
func measure(t *testing.T, app *backend.Backend) {
	t.Helper()
	for _, service := range []string{"auth", "users"} {
		if a := app.Do(t, backend.Request{Method: "POST", Path: "/" + service + ".Measure"}); a.Status != 200 {
			t.Fatalf("%s: status %d: %s", service, a.Status, a.Body)
		}
	}
}

func TestVerificationMetrics(t *testing.T) {
	useSigningKey(t)
	idp, db := newProvider(t), newDatabaseProxy(t)
	db.open(t)
	app := start(t, config(idp.issuer()), db.address)
	backend.Refusal(t, app.Get(t, "/api/hello", idp.token(t, person())), 503)
	idp.start(t)
	somebody := person()
	token := idp.token(t, somebody)
	waitFor(t, app, "/api/hello", token, 200)
	for range 4 {
		waitFor(t, app, "/api/hello", token, 200)
	}
	for range 2 {
		backend.Refusal(t, app.Get(t, "/api/hello", idp.forged(t)), 401)
	}
	backend.Refusal(t, app.Get(t, "/api/hello", "opaque"), 401)
	if a := deliver(t, app, suspension(somebody, true, time.Now())); a.Status != 204 {
		t.Fatalf("status %d: %s", a.Status, a.Body)
	}
	backend.Refusal(t, app.Get(t, "/api/hello", token), 403)

	measure(t, app)
	measure(t, app) // counts nothing twice
	for series, want := range map[string]float64{
		`token_verifications_total{outcome="accepted",reason="",service="auth"}`:          1,
		`token_verifications_total{outcome="remembered",reason="",service="auth"}`:        5,
		`token_verifications_total{outcome="rejected",reason="signature",service="auth"}`: 2,
		`token_verifications_total{outcome="rejected",reason="opaque",service="auth"}`:    1,
		`token_verifications_waiting{service="auth"}`:                                     0,
		`tokens_remembered{service="auth"}`:                                               1,
		`people_remembered{service="auth"}`:                                               1,
		`key_fetch_failures{service="auth"}`:                                              0,
		`locked_out_total{reason="suspended",service="auth"}`:                             1,
	} {
		if got := metric(t, app, series); got != want {
			t.Errorf("%s %v, want %v", series, got, want)
		}
	}
	if got := metric(t, app, `token_verifications_total{outcome="unavailable",reason="",service="auth"}`); got < 1 {
		t.Errorf("%v verifications without keys, want at least 1", got)
	}
	if got := metric(t, app, `key_set_age_seconds{service="auth"}`); got <= 0 || got > 60 {
		t.Errorf("the keys are %v s old", got)
	}
}

func TestBackgroundMetrics(t *testing.T) {
	idp, db := newProvider(t), newDatabaseProxy(t)
	db.open(t)
	app := start(t, config(idp.issuer()), db.address)
	measure(t, app)
	// Counters start at 0, so that the first event counts as an increase.
	metrics := app.Get(t, "/__encore/metrics", "").Body
	for _, series := range []string{
		`token_verifications_total{outcome="busy",reason="",service="auth"} 0`,
		`webhook_deliveries_total{outcome="lost",service="users"} 0`,
		`syncs_total{outcome="failed",service="users"} 0`,
		`outbox_age_seconds{service="users"} `,
	} {
		if !strings.Contains(metrics, "\n"+series) {
			t.Errorf("there is no %s", series)
		}
	}
	before := metric(t, app, `key_fetch_failures{service="auth"}`)
	deadline := time.Now().Add(recoveryTimeout)
	for metric(t, app, `key_fetch_failures{service="auth"}`) <= before {
		if time.Now().After(deadline) {
			t.Fatal("failed fetches of the keys are not counted")
		}
		measure(t, app)
		time.Sleep(pollInterval)
	}
}

func TestMetricsAreDocumented(t *testing.T) {
	declared := names(t, `metrics\.New\w+\[.*\]\("(\w+)"`, "*/*.go")
	documented := names(t, "(?m)^\\| `(\\w+)` +(?:\\(gauge\\) +)?\\|", "docs/operations.md")
	documented = slices.DeleteFunc(documented, func(name string) bool { return !strings.Contains(name, "_") })
	if len(declared) == 0 || !slices.Equal(declared, documented) {
		t.Errorf("declared %q,\ndocumented %q", declared, documented)
	}
}

// names returns the sorted matches of the pattern's group.
func names(t *testing.T, pattern string, files ...string) (all []string) {
	t.Helper()
	for _, glob := range files {
		paths, err := filepath.Glob(filepath.Join("../..", glob))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, match := range regexp.MustCompile(pattern).FindAllSubmatch(data, -1) {
				all = append(all, string(match[1]))
			}
		}
	}
	slices.Sort(all)
	return all
}
