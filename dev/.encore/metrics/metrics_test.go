package metrics_test

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"encore.dev/internal/current"
	"encore.dev/metrics"
)

type labels struct {
	Outcome  string
	TryAgain bool
	Status   int
}

var (
	calls    = metrics.NewCounter[uint64]("calls_total", metrics.CounterConfig{})
	outcomes = metrics.NewCounterGroup[labels, float64]("outcomes_total", metrics.CounterConfig{})
	age      = metrics.NewGauge[float64]("age_seconds", metrics.GaugeConfig{})
	sizes    = metrics.NewGaugeGroup[labels, int64]("sizes", metrics.GaugeConfig{})
)

func checkMetrics(t *testing.T, want string) {
	t.Helper()
	err := testutil.GatherAndCompare(prometheus.DefaultGatherer, strings.NewReader(want), "calls_total", "outcomes_total", "age_seconds", "sizes")
	if err != nil {
		t.Error(err)
	}
}

func change() {
	calls.Increment()
	calls.Add(2)
	outcomes.With(labels{"done", true, 200}).Add(1.5)
	age.Set(3)
	age.Add(-0.5)
	sizes.With(labels{Outcome: "kept"}).Set(7)
}

// TestMetrics: what happens outside of a request isn't counted.
func TestMetrics(t *testing.T) {
	change()
	checkMetrics(t, "")
	work := current.Enter(&current.Request{})
	change()
	work.Leave()
	change()
	checkMetrics(t, `
		# HELP age_seconds age_seconds
		# TYPE age_seconds gauge
		age_seconds{service="metrics_test"} 2.5
		# HELP calls_total calls_total
		# TYPE calls_total counter
		calls_total{service="metrics_test"} 3
		# HELP outcomes_total outcomes_total
		# TYPE outcomes_total counter
		outcomes_total{outcome="done",service="metrics_test",status="200",try_again="true"} 1.5
		# HELP sizes sizes
		# TYPE sizes gauge
		sizes{outcome="kept",service="metrics_test",status="0",try_again="false"} 7
	`)
}

// TestRefused: what Encore refuses at compile time.
func TestRefused(t *testing.T) {
	type service struct{ Service string }
	type nested struct{ Labels labels }
	type embedded struct{ labels }
	for name, declare := range map[string]func(){
		"Encore's name":     func() { metrics.NewCounter[uint64]("e_calls", metrics.CounterConfig{}) },
		"camel case":        func() { metrics.NewGauge[uint64]("callsTotal", metrics.GaugeConfig{}) },
		"the name twice":    func() { metrics.NewGauge[uint64]("calls_total", metrics.GaugeConfig{}) },
		"no struct":         func() { metrics.NewCounterGroup[string, uint64]("a", metrics.CounterConfig{}) },
		"the label service": func() { metrics.NewCounterGroup[service, uint64]("b", metrics.CounterConfig{}) },
		"a struct in it":    func() { metrics.NewGaugeGroup[nested, uint64]("c", metrics.GaugeConfig{}) },
		"an embedded one":   func() { metrics.NewGaugeGroup[embedded, uint64]("d", metrics.GaugeConfig{}) },
		"a negative count":  func() { outcomes.With(labels{}).Add(-1) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it doesn't panic")
				}
			}()
			declare()
		})
	}
}
