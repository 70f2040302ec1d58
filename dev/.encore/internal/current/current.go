// Package current finds the request that the running goroutine serves.
//
// Encore's auth.UserID takes no context, so the request has to be found from
// the goroutine. The label slot behind runtime/pprof belongs to the goroutine
// and is inherited by those it starts, which is what is needed.
package current

import (
	"context"
	"runtime"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"unsafe"
	"weak"
)

// Request is what the stand-in knows of a request while it is served.
type Request struct {
	// UID is the caller's user id, empty if nobody is signed in.
	UID string
	// Data is what the auth handler returned besides.
	Data any
	// Describer describes it to the few who ask. It may be nil.
	Describer
}

// Describer makes the *encore.Request of a request.
type Describer interface{ Describe() any }

// works maps the address in a goroutine's label slot to the goroutine's work.
// The slot itself holds ordinary labels, so the profiler is none the wiser. A
// work lives as long as a goroutine that has the labels: one that outlives the
// request still knows whom it works for.
var works sync.Map // of uintptr to *Work

// Work is what a goroutine and those it starts do for a request.
type Work struct {
	// labels tell it from one that had the same address before.
	labels  weak.Pointer[byte]
	request atomic.Pointer[Request]
}

// getProfLabel is on the Go project's list of names that stay linkable
// (go.dev/issue/67401).
//
//go:linkname getProfLabel runtime/pprof.runtime_getProfLabel
func getProfLabel() unsafe.Pointer

// Enter makes r the request of this goroutine and of those it starts, until
// the work is left. Those it has started by then keep it.
func Enter(r *Request) *Work {
	pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("encore", "request")))
	labels := (*byte)(getProfLabel())
	address := uintptr(unsafe.Pointer(labels))
	w := &Work{labels: weak.Make(labels)}
	w.request.Store(r)
	works.Store(address, w)
	runtime.AddCleanup(labels, func(w *Work) { works.CompareAndDelete(address, w) }, w)
	return w
}

// Switch makes r the request in the place of the one before. It costs less than
// to enter again.
func (w *Work) Switch(r *Request) { w.request.Store(r) }

// Leave ends the work of this goroutine.
func (w *Work) Leave() { pprof.SetGoroutineLabels(context.Background()) }

// Get returns the request of this goroutine, or nil.
func Get() *Request {
	labels := getProfLabel()
	found, ok := works.Load(uintptr(labels))
	if !ok {
		return nil
	}
	w := found.(*Work)
	if w.labels.Value() != (*byte)(labels) {
		return nil
	}
	return w.request.Load()
}
