package wire

import "testing"

const refused = "{\n    \"scope\": \"read:reports\"\n  }"

// The middleware runs after the auth handler, the decoding and the validation.
func TestMiddlewareRefuses(t *testing.T) {
	b := probe(t)
	checkError(t, b.Get(t, "/gate/refuse?number=x", ""), 401, "unauthenticated", "missing auth param")
	checkError(t, b.Get(t, "/gate/refuse?number=x", "ok:alice"), 400, "invalid_argument",
		`decode request: number: invalid parameter: strconv.ParseInt: parsing "x": invalid syntax`)
	checkError(t, b.Get(t, "/gate/refuse?number=-1", "ok:alice"), 400, "invalid_argument", "validation failed: the number is negative")
	checkAnswer(t, b.Get(t, "/gate/refuse?number=1", "ok:alice"), 403, errorBody("permission_denied", "you may not", refused))
}

// The endpoint is not called, but the client doesn't learn why.
func TestMiddlewareRefusesRaw(t *testing.T) {
	checkRaw(t, probe(t).Get(t, "/gate/refuse-raw", ""), 200, "", "")
}

func TestMiddlewareFails(t *testing.T) {
	checkError(t, probe(t).Get(t, "/gate/panic", ""), 500, "internal", "panic executing middleware gate.Gate: at the gate")
}
