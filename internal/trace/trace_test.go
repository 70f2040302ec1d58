package trace

import (
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"encore.app/internal/trace/tracetest"
)

func TestOmitBody(t *testing.T) {
	body := &tracetest.Body{Reader: strings.NewReader("secret")}
	req := httptest.NewRequest("POST", "/", body)
	OmitBody(req)
	if !body.Omitted {
		t.Error("the body is copied to the trace")
	}
	if read, err := io.ReadAll(req.Body); err != nil || string(read) != "secret" {
		t.Errorf("read %q, err = %v", read, err)
	}
	OmitBody(httptest.NewRequest("POST", "/", strings.NewReader("any other body")))
}
