// Package trace keeps out of Encore's traces what its own means leave in.
package trace

import "net/http"

// OmitBody keeps the body of a request to a raw endpoint out of the trace. Call
// it before the body is read.
//
// Marking the endpoint sensitive is not enough: Encore's Go runtime (v1.58)
// writes the first 10 KiB of the body into the trace all the same. What reads
// the body there stops to keep a copy when it is asked for that copy.
func OmitBody(req *http.Request) {
	if body, ok := req.Body.(interface{ FinishCapturing() ([]byte, bool) }); ok {
		body.FinishCapturing()
	}
}
