// Package tracetest lets a test see whether a body gets into a trace.
package tracetest

import "io"

// Body takes the place of what Encore reads a body by: it copies the body into the
// trace unless FinishCapturing is called.
type Body struct {
	io.Reader
	// Omitted says that the body is kept out of the trace.
	Omitted bool
}

// FinishCapturing ends the copying.
func (b *Body) FinishCapturing() ([]byte, bool) {
	b.Omitted = true
	return nil, false
}

// Close does nothing.
func (b *Body) Close() error { return nil }
