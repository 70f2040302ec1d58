// Package tracetest helps to test that a body stays out of a trace.
package tracetest

import "io"

// Body is a fake for Encore's request body, which is copied to the trace unless
// FinishCapturing is called.
type Body struct {
	io.Reader
	// Omitted is set if the body is not copied.
	Omitted bool
}

// FinishCapturing stops the copying.
func (b *Body) FinishCapturing() ([]byte, bool) {
	b.Omitted = true
	return nil, false
}

// Close does nothing.
func (b *Body) Close() error { return nil }
