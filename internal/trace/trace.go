// Package trace keeps data out of Encore's traces that Encore's settings leave in.
package trace

import "net/http"

// OmitBody keeps the body of a request to a raw endpoint out of the trace. Call it
// before reading the body.
//
// Marking the endpoint sensitive is not enough: Encore's Go runtime (v1.58) still
// writes the first 10 KiB to the trace. FinishCapturing stops that.
func OmitBody(req *http.Request) {
	if body, ok := req.Body.(interface{ FinishCapturing() ([]byte, bool) }); ok {
		body.FinishCapturing()
	}
}
