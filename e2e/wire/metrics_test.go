package wire

import (
	"testing"

	"encore.app/e2e/backend"
)

// Metrics can be declared and changed. Their values can't be read from here on
// both runtimes: Encore pushes them.
func TestMetrics(t *testing.T) {
	checkAnswer(t, probe(t).Do(t, backend.Request{Method: "POST", Path: "/count"}), 200, "")
}
