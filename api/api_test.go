package api

import (
	"testing"

	"encore.dev/et"

	caller "encore.app/auth"
)

func TestHello(t *testing.T) {
	et.OverrideAuthInfo("alice0000001", &caller.Data{})
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
