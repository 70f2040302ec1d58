package trace

import (
	"io"
	"net/http/httptest"
	"strings"
	"testing"
)

// capturer stands for what Encore puts in the place of a body.
type capturer struct {
	io.ReadCloser
	finished bool
}

func (c *capturer) FinishCapturing() ([]byte, bool) {
	c.finished = true
	return nil, false
}

func TestOmitBody(t *testing.T) {
	req := httptest.NewRequest("POST", "/", strings.NewReader("secret"))
	c := &capturer{ReadCloser: req.Body}
	req.Body = c
	OmitBody(req)
	if !c.finished {
		t.Error("the body is captured")
	}
	if body, err := io.ReadAll(req.Body); err != nil || string(body) != "secret" {
		t.Errorf("read %q, err = %v", body, err)
	}
	OmitBody(httptest.NewRequest("POST", "/", strings.NewReader("any other body")))
}
