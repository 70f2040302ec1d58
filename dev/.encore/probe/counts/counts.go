// Service counts has metrics of each kind.
package counts

import (
	"context"

	"encore.dev/metrics"
)

// Labels are the labels of the groups.
type Labels struct {
	Outcome  string
	TryAgain bool
	Status   int
}

var (
	calls    = metrics.NewCounter[uint64]("calls_total", metrics.CounterConfig{})
	outcomes = metrics.NewCounterGroup[Labels, uint64]("outcomes_total", metrics.CounterConfig{})
	delay    = metrics.NewGauge[float64]("delay_seconds", metrics.GaugeConfig{})
	sizes    = metrics.NewGaugeGroup[Labels, int64]("sizes", metrics.GaugeConfig{})
)

// done is a counter of a group, found before there is any call.
var done = outcomes.With(Labels{Outcome: "done", Status: 200})

// Service calls an endpoint of its own in the background.
//
//encore:service
type Service struct{}

// background gets the result of the call in the background.
var background = make(chan error, 1)

func initService() (*Service, error) {
	go func() { background <- callMeasure(context.Background()) }()
	return &Service{}, nil
}

// callMeasure calls Measure. In Encore's code that refers to initService, which
// must not refer to itself.
var callMeasure func(context.Context) error

func init() {
	callMeasure = func(ctx context.Context) error { return Measure(ctx) }
}

// Count changes metrics, and waits until those in the background are changed.
//
//encore:api public method=POST path=/count
func (s *Service) Count(ctx context.Context) error {
	done.Increment()
	outcomes.With(Labels{"failed", true, 503}).Add(2)
	err := <-background
	background <- err
	return err
}

// Measure sets the gauges.
//
//encore:api private
func (s *Service) Measure(context.Context) error {
	calls.Increment()
	delay.Set(1.5)
	delay.Add(-0.5)
	sizes.With(Labels{Outcome: "kept"}).Set(7)
	sizes.With(Labels{Outcome: "kept"}).Add(-7)
	return nil
}
