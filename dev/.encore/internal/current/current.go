// Package current finds the request that the running goroutine serves.
//
// Encore's auth.UserID takes no context, so the request has to be found from
// the goroutine. Each goroutine has a pointer to its profiler labels, which the
// goroutines that it starts inherit. This package stores the request there.
package current

import (
	"sync/atomic"
	"unsafe"
)

// Request is what the stand-in knows about a request.
type Request struct {
	// UID is the caller's user id. It is empty if nobody is signed in.
	UID string
	// Data is the auth data.
	Data any
	// Describe returns the *encore.Request. It may be nil.
	Describe func() any
}

// Scope is a goroutine's request. The goroutines that it starts share it.
type Scope struct {
	labels  []byte // an empty list of labels for the profiler, at the address of mark
	request atomic.Pointer[Request]
}

// mark tells a Scope from the profiler labels of somebody else.
var mark byte

// The Go project keeps both functions for packages like this one (go.dev/issue/67401).
//
//go:linkname getLabels runtime/pprof.runtime_getProfLabel
func getLabels() unsafe.Pointer

//go:linkname setLabels runtime/pprof.runtime_setProfLabel
func setLabels(unsafe.Pointer)

// Enter makes r the request of this goroutine and of those that it starts from now on.
func Enter(r *Request) *Scope {
	s := &Scope{labels: unsafe.Slice(&mark, 1)[:0]}
	s.request.Store(r)
	setLabels(unsafe.Pointer(s))
	return s
}

// Switch replaces the request.
func (s *Scope) Switch(r *Request) { s.request.Store(r) }

// Leave ends the request for this goroutine. Those that it started keep it.
func (s *Scope) Leave() { setLabels(nil) }

// Get returns the request of this goroutine, or nil.
func Get() *Request {
	labels := getLabels()
	if labels == nil || *(**byte)(labels) != &mark {
		return nil
	}
	return (*Scope)(labels).request.Load()
}
