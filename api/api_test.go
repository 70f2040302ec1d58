package api

import (
	"testing"

	"encore.dev/beta/auth"
	"encore.dev/et"
)

func TestHello(t *testing.T) {
	et.OverrideAuthInfo(auth.UID("alice0000001"), nil)
	resp, err := Hello(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := "Hello, alice0000001!"; resp.Message != want {
		t.Errorf("message = %q, want %q", resp.Message, want)
	}
}

func TestPing(t *testing.T) {
	resp, err := Ping(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if resp.Message != "pong" {
		t.Errorf("message = %q", resp.Message)
	}
}
