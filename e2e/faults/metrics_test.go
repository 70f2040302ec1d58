package faults

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"encore.app/e2e/backend"
)

// metric returns the value of the series, or 0 if there is none yet.
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

// TestDeliveryMetrics: deliveries are counted by their outcome, with how late
// they came.
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
		t.Errorf("two deliveries an hour late: %v in all", delay)
	}
}
