package people

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
)

// Claims returns the claims of a token without verifying it.
func Claims(t testing.TB, token string) map[string]any {
	t.Helper()
	return part(t, token, 1)
}

func Subject(t testing.TB, token string) string {
	t.Helper()
	subject, _ := Claims(t, token)["sub"].(string)
	if subject == "" {
		t.Fatal("the token has no subject")
	}
	return subject
}

// Alter changes values of the token's header or claims, which makes its signature
// invalid.
func Alter(t testing.TB, token string, header, claims map[string]any) string {
	t.Helper()
	parts := strings.Split(token, ".")
	for i, changes := range []map[string]any{header, claims} {
		values := part(t, token, i)
		for name, value := range changes {
			values[name] = value
		}
		data, err := json.Marshal(values)
		if err != nil {
			t.Fatal(err)
		}
		parts[i] = base64.RawURLEncoding.EncodeToString(data)
	}
	return strings.Join(parts, ".")
}

func part(t testing.TB, token string, i int) map[string]any {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatal("the token is not a JWT: is it an access token for the API resource?")
	}
	data, err := base64.RawURLEncoding.DecodeString(parts[i])
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]any{}
	if err := json.Unmarshal(data, &values); err != nil {
		t.Fatal(err)
	}
	return values
}
