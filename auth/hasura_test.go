package auth

import (
	"net/http"
	"testing"
)

func TestIsHasuraHook(t *testing.T) {
	for _, test := range []struct {
		name, value string
		want        bool
	}{
		{"User-Agent", "hasura-graphql-engine/v2.48.1", true},
		{"Expected-Role", "user", true},
		{"User-Agent", "Mozilla/5.0 hasura-graphql-engine/v2.48.1", false},
		{"X-Hasura-Role", "user", false},
	} {
		header := http.Header{}
		header.Set(test.name, test.value)
		if got := isHasuraHook(header); got != test.want {
			t.Errorf("%s %s: %t", test.name, test.value, got)
		}
	}
	if isHasuraHook(nil) {
		t.Error("no headers")
	}
}
