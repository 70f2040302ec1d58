package users

import "testing"

// TestInitService starts the service with the values of config.cue, and ends it.
func TestInitService(t *testing.T) {
	s, err := initService()
	if err != nil {
		t.Fatal(err)
	}
	s.Shutdown(t.Context())
}
