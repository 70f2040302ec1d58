// Package metrics has counters and gauges. The stand-in serves them in
// Prometheus' text form.
//
// As on Encore, what happens outside of a request isn't counted, and a metric is
// seen from its first event on.
package metrics

import (
	"fmt"
	"reflect"
	"regexp"
	"runtime"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"encore.dev/internal/current"
)

// Value is the type of a metric's value.
type Value interface {
	uint64 | int64 | float64
}

// Labels is a struct type. Each field is a label: a text, a boolean or an integer.
type Labels interface {
	comparable
}

// CounterConfig configures a counter.
type CounterConfig struct{}

// GaugeConfig configures a gauge.
type GaugeConfig struct{}

// Counter counts something. It is safe for concurrent use.
type Counter[V Value] struct{ series func() prometheus.Counter }

// NewCounter declares a counter. It panics if Encore would refuse it.
func NewCounter[V Value](name string, _ CounterConfig) *Counter[V] {
	return counter[V](newCounters(name, nil), nil)
}

// Increment adds 1.
func (c *Counter[V]) Increment() { c.Add(1) }

// Add adds delta. It panics if that is negative.
func (c *Counter[V]) Add(delta V) {
	if delta < 0 {
		panic(fmt.Sprintf("metrics: cannot add negative value %v to counter", delta))
	}
	if current.Get() != nil {
		c.series().Add(float64(delta))
	}
}

// CounterGroup is a counter for each combination of labels.
type CounterGroup[L Labels, V Value] struct{ counters *prometheus.CounterVec }

// NewCounterGroup declares a group of counters. It panics if Encore would refuse it.
func NewCounterGroup[L Labels, V Value](name string, _ CounterConfig) *CounterGroup[L, V] {
	return &CounterGroup[L, V]{newCounters(name, labelNames[L]())}
}

// With returns the counter with the labels.
func (g *CounterGroup[L, V]) With(labels L) *Counter[V] {
	return counter[V](g.counters, labelValues(labels))
}

func counter[V Value](counters *prometheus.CounterVec, labels []string) *Counter[V] {
	return &Counter[V]{func() prometheus.Counter { return counters.WithLabelValues(labels...) }}
}

// Gauge is the present value of something. It is safe for concurrent use.
type Gauge[V Value] struct{ series func() prometheus.Gauge }

// NewGauge declares a gauge. It panics if Encore would refuse it.
func NewGauge[V Value](name string, _ GaugeConfig) *Gauge[V] {
	return gauge[V](newGauges(name, nil), nil)
}

// Set makes it the value.
func (g *Gauge[V]) Set(value V) {
	if current.Get() != nil {
		g.series().Set(float64(value))
	}
}

// Add adds delta.
func (g *Gauge[V]) Add(delta V) {
	if current.Get() != nil {
		g.series().Add(float64(delta))
	}
}

// GaugeGroup is a gauge for each combination of labels.
type GaugeGroup[L Labels, V Value] struct{ gauges *prometheus.GaugeVec }

// NewGaugeGroup declares a group of gauges. It panics if Encore would refuse it.
func NewGaugeGroup[L Labels, V Value](name string, _ GaugeConfig) *GaugeGroup[L, V] {
	return &GaugeGroup[L, V]{newGauges(name, labelNames[L]())}
}

// With returns the gauge with the labels.
func (g *GaugeGroup[L, V]) With(labels L) *Gauge[V] {
	return gauge[V](g.gauges, labelValues(labels))
}

func gauge[V Value](gauges *prometheus.GaugeVec, labels []string) *Gauge[V] {
	return &Gauge[V]{func() prometheus.Gauge { return gauges.WithLabelValues(labels...) }}
}

func newCounters(name string, labels []string) *prometheus.CounterVec {
	counters := prometheus.NewCounterVec(prometheus.CounterOpts(options(name)), labels)
	prometheus.MustRegister(counters)
	return counters
}

func newGauges(name string, labels []string) *prometheus.GaugeVec {
	gauges := prometheus.NewGaugeVec(prometheus.GaugeOpts(options(name)), labels)
	prometheus.MustRegister(gauges)
	return gauges
}

var validName = regexp.MustCompile(`^[a-z]([_a-z0-9]*[a-z0-9])?$`)

func options(name string) prometheus.Opts {
	if !validName.MatchString(name) || strings.HasPrefix(name, "e_") {
		panic(fmt.Sprintf("metric %q: the name must be in snake_case and not begin with e_", name))
	}
	return prometheus.Opts{Name: name, Help: name, ConstLabels: prometheus.Labels{"service": declaredIn()}}
}

// declaredIn returns the name of the package that declares a metric. Encore has
// the service of the request in its place.
func declaredIn() string {
	callers := make([]uintptr, 16)
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers)])
	for {
		frame, more := frames.Next()
		name := frame.Function[strings.LastIndex(frame.Function, "/")+1:]
		service, _, _ := strings.Cut(name, ".")
		if !strings.HasPrefix(frame.Function, "encore.dev/metrics.") || !more {
			return service
		}
	}
}

// labelNames returns the names of the labels, in the order of the fields.
func labelNames[L Labels]() []string {
	t := reflect.TypeFor[L]()
	if t.Kind() != reflect.Struct {
		panic(fmt.Sprintf("metric labels: %s is not a struct", t))
	}
	var names []string
	for i := range t.NumField() {
		field := t.Field(i)
		name := snakeCase(field.Name)
		_, ok := labelValue(reflect.Zero(field.Type))
		if field.Anonymous || name == "service" || !ok {
			panic(fmt.Sprintf("metric labels: %s.%s must have a name other than Service, and be a text, a boolean or an integer", t, field.Name))
		}
		names = append(names, name)
	}
	return names
}

func labelValues[L Labels](labels L) []string {
	fields := reflect.ValueOf(labels)
	values := make([]string, fields.NumField())
	for i := range values {
		values[i], _ = labelValue(fields.Field(i))
	}
	return values
}

func labelValue(v reflect.Value) (string, bool) {
	if v.Kind() == reflect.String || v.Kind() == reflect.Bool || v.CanInt() || v.CanUint() {
		return fmt.Sprint(v), true
	}
	return "", false
}

var wordStart = regexp.MustCompile(`([a-z0-9])([A-Z])`)

func snakeCase(name string) string {
	return strings.ToLower(wordStart.ReplaceAllString(name, "${1}_${2}"))
}
