package standin

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func TestAuthDecoderOfToken(t *testing.T) {
	decode := newAuthDecoder[string]()
	for header, want := range map[string]string{
		"Bearer a":   "a",
		"Token a":    "a",
		"Bearer a b": "a b",
		"Bearer ":    "",
		"bearer a":   "",
		"Basic YTpi": "",
		"":           "",
	} {
		req := httptest.NewRequest("GET", "/", nil)
		req.Header.Set("Authorization", header)
		token, err := decode(req)
		if token != want || (err != nil) != (want == "") {
			t.Errorf("%q: got %q, %v, want %q", header, token, err, want)
		}
	}
}

// What the stand-in can't read must not pass for empty.
func TestAuthDecoderRefusesWhatItDoesNotKnow(t *testing.T) {
	for field, decoder := range map[string]func(){
		"Number": func() {
			newAuthDecoder[*struct {
				Number int `query:"number"`
			}]()
		},
		"Cookie": func() {
			newAuthDecoder[*struct {
				Cookie string `cookie:"session"`
			}]()
		},
		"Plain": func() { newAuthDecoder[*struct{ Plain string }]() },
	} {
		func() {
			defer func() {
				if text, _ := recover().(string); !strings.Contains(text, "can't read the field "+field) {
					t.Errorf("%s: panic %q", field, text)
				}
			}()
			decoder()
		}()
	}
}
