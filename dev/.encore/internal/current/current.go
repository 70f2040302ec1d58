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
	"unsafe"
	"weak"
)

// Request is what the stand-in knows of a request while it is served.
type Request struct {
	// UID is the caller's user id, empty if nobody is signed in.
	UID string
	// Data is what the auth handler returned besides.
	Data any
}

// requests maps the address in a goroutine's label slot to the goroutine's
// request. The slot itself holds ordinary labels, so the profiler is none the
// wiser. An entry lives as long as a goroutine that has the labels: one that
// outlives the request still knows whom it works for.
var requests sync.Map // of uintptr to *entry

// entry is a request and the labels it belongs to, which tell it from one that
// had the same address before.
type entry struct {
	labels  weak.Pointer[byte]
	request *Request
}

// getProfLabel is on the Go project's list of names that stay linkable
// (go.dev/issue/67401).
//
//go:linkname getProfLabel runtime/pprof.runtime_getProfLabel
func getProfLabel() unsafe.Pointer

// Enter makes r the request of this goroutine and of those it starts, until
// the function it returns is called. Those it has started by then keep it.
func Enter(r *Request) (leave func()) {
	pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("encore", "request")))
	labels := (*byte)(getProfLabel())
	address := uintptr(unsafe.Pointer(labels))
	e := &entry{weak.Make(labels), r}
	requests.Store(address, e)
	runtime.AddCleanup(labels, func(e *entry) { requests.CompareAndDelete(address, e) }, e)
	return func() { pprof.SetGoroutineLabels(context.Background()) }
}

// Get returns the request of this goroutine, or nil.
func Get() *Request {
	labels := getProfLabel()
	found, ok := requests.Load(uintptr(labels))
	if !ok {
		return nil
	}
	e := found.(*entry)
	if e.labels.Value() != (*byte)(labels) {
		return nil
	}
	return e.request
}
