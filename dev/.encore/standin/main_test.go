package standin

import (
	"strings"
	"testing"
)

func TestRefuseProduction(t *testing.T) {
	for _, address := range []string{"localhost:4000", "127.0.0.1:0", "[::1]:4000"} {
		if err := refuseProduction(address); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, address := range []string{":4000", "0.0.0.0:4000", "[::]:4000", "192.0.2.1:4000", "example.com:4000", "4000"} {
		if err := refuseProduction(address); err == nil {
			t.Errorf("%s is not refused", address)
		}
	}
	for _, name := range []string{"ENV", "APP_ENV", "GO_ENV", "NODE_ENV"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, "production")
			if err := refuseProduction("localhost:4000"); err == nil || !strings.Contains(err.Error(), name+"=production") {
				t.Errorf("error %v, want one that names the variable", err)
			}
		})
	}
}
