package users

import (
	"context"
	"time"

	"encore.dev/metrics"

	"encore.app/internal/fault"
)

// What the metrics mean, and when to worry, is in docs/operations.md.

// DeliveryLabels are the labels of webhook_deliveries_total.
type DeliveryLabels struct {
	// Outcome is "accepted", "rejected" or "lost".
	Outcome string
}

// SyncLabels are the labels of syncs_total.
type SyncLabels struct {
	// Outcome is "complete", "deleted_nobody" or "failed".
	Outcome string
}

var (
	deliveries    = metrics.NewCounterGroup[DeliveryLabels, uint64]("webhook_deliveries_total", metrics.CounterConfig{})
	deliveryDelay = metrics.NewCounter[float64]("webhook_delivery_delay_seconds_total", metrics.CounterConfig{})
	outboxAge     = metrics.NewGauge[float64]("outbox_age_seconds", metrics.GaugeConfig{})
	syncs         = metrics.NewCounterGroup[SyncLabels, uint64]("syncs_total", metrics.CounterConfig{})
	syncAge       = metrics.NewGauge[float64]("sync_age_seconds", metrics.GaugeConfig{})
)

// measureInterval is how often gauges are set.
const measureInterval = 15 * time.Second

// measure sets the gauges until the context ends. It does that by calling an
// endpoint, since Encore drops what is measured outside of a request.
func measure(ctx context.Context) {
	tick := time.NewTicker(measureInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_ = callMeasure(ctx) // it has logged its error
		}
	}
}

// callMeasure calls Measure. In Encore's code that refers to initService, which
// must not refer to itself.
var callMeasure func(context.Context) error

func init() {
	callMeasure = func(ctx context.Context) error { return Measure(ctx) }
}

// Measure sets the gauges. It returns errs.Unavailable if the database can't be
// reached.
//
//encore:api private
func (s *Service) Measure(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	var outbox float64
	var sync *float64 // nil if there never was one
	if err := db.QueryRow(ctx, `
		SELECT
			COALESCE(EXTRACT(EPOCH FROM now() - (SELECT min(created_at) FROM deletions)), 0)::float8,
			EXTRACT(EPOCH FROM now() - (SELECT finished_at FROM syncs))::float8
	`).Scan(&outbox, &sync); err != nil {
		return fault.Database(ctx, "measure", err)
	}
	// A counter is seen from its first event on, and that must not be missed.
	for _, outcome := range []string{"accepted", "rejected", "lost"} {
		deliveries.With(DeliveryLabels{outcome}).Add(0)
	}
	for _, outcome := range []string{"complete", "deleted_nobody", "failed"} {
		syncs.With(SyncLabels{outcome}).Add(0)
	}
	outboxAge.Set(outbox)
	if sync != nil {
		syncAge.Set(*sync)
	}
	return nil
}
