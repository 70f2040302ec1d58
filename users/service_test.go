package users

import "testing"

func TestInitService(t *testing.T) {
	s, err := initService()
	if err != nil {
		t.Fatal(err)
	}
	s.Shutdown(t.Context())
}
