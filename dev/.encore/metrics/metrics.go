// Package metrics has counters and gauges, which the stand-in serves in
// Prometheus' text format.
//
// As on Encore, a change outside of a request doesn't count, and a metric is
// visible after its first change.
package metrics

import (
	"fmt"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"encore.dev/internal/current"
)

// Value is the type of a metric's value.
type Value interface{ uint64 | int64 | float64 }

type (
	CounterConfig struct{}
	GaugeConfig   struct{}
)

// Counter counts something.
type Counter[V Value] struct {
	vec    *prometheus.CounterVec
	labels []string
}

func NewCounter[V Value](name string, _ CounterConfig) *Counter[V] {
	return &Counter[V]{vec: promauto.NewCounterVec(prometheus.CounterOpts(options(name)), nil)}
}

func (c *Counter[V]) Increment() { c.Add(1) }

// Add adds delta, which must not be negative.
func (c *Counter[V]) Add(delta V) {
	if current.Get() != nil {
		c.vec.WithLabelValues(c.labels...).Add(float64(delta))
	}
}

// CounterGroup has a counter for each combination of labels. L is a struct with a field for each label.
type CounterGroup[L comparable, V Value] struct{ vec *prometheus.CounterVec }

func NewCounterGroup[L comparable, V Value](name string, _ CounterConfig) *CounterGroup[L, V] {
	return &CounterGroup[L, V]{promauto.NewCounterVec(prometheus.CounterOpts(options(name)), labelNames[L]())}
}

func (g *CounterGroup[L, V]) With(labels L) *Counter[V] {
	return &Counter[V]{g.vec, labelValues(labels)}
}

// Gauge is a value that goes up and down.
type Gauge[V Value] struct{ vec *prometheus.GaugeVec }

func NewGauge[V Value](name string, _ GaugeConfig) *Gauge[V] {
	return &Gauge[V]{promauto.NewGaugeVec(prometheus.GaugeOpts(options(name)), nil)}
}

func (g *Gauge[V]) Set(value V) {
	if current.Get() != nil {
		g.vec.WithLabelValues().Set(float64(value))
	}
}

// options returns the options of a metric that the caller's caller declares.
// Their label service is its package, where Encore has the service of the request.
func options(name string) prometheus.Opts {
	_, file, _, _ := runtime.Caller(2)
	service := filepath.Base(filepath.Dir(file))
	return prometheus.Opts{Name: name, Help: name, ConstLabels: prometheus.Labels{"service": service}}
}

var wordStart = regexp.MustCompile(`([a-z0-9])([A-Z])`)

// labelNames returns the names of the fields in snake_case.
func labelNames[L comparable]() (names []string) {
	for _, field := range reflect.VisibleFields(reflect.TypeFor[L]()) {
		names = append(names, strings.ToLower(wordStart.ReplaceAllString(field.Name, "${1}_${2}")))
	}
	return names
}

func labelValues[L comparable](labels L) []string {
	fields := reflect.ValueOf(labels)
	values := make([]string, fields.NumField())
	for i := range values {
		values[i] = fmt.Sprint(fields.Field(i))
	}
	return values
}
