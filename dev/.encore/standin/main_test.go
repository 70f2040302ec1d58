package standin

import (
	"strings"
	"testing"
)

func TestCheckEnvironment(t *testing.T) {
	for address, ok := range map[string]bool{
		"localhost:4000": true, "127.0.0.1:0": true, "[::1]:4000": true,
		":4000": false, "0.0.0.0:4000": false, "[::]:4000": false, "192.0.2.1:4000": false, "example.com:4000": false, "4000": false,
	} {
		if err := checkEnvironment(address); (err == nil) != ok {
			t.Errorf("%s: error %v", address, err)
		}
	}
	for _, name := range []string{"ENV", "APP_ENV", "GO_ENV", "NODE_ENV"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, "production")
			if err := checkEnvironment("localhost:4000"); err == nil || !strings.Contains(err.Error(), name+"=production") {
				t.Errorf("error %v, want one that names the variable", err)
			}
		})
	}
}
