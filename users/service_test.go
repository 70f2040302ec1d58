package users

import "testing"

// TestInitService starts and stops the service with the values of config.cue.
func TestInitService(t *testing.T) {
	s, err := initService()
	if err != nil {
		t.Fatal(err)
	}
	s.Shutdown(t.Context())
}
