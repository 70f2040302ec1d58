package faults

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"encore.app/e2e/backend"
)

// useManagement configures the application with the Management API at the address.
func useManagement(t *testing.T, address string) {
	t.Helper()
	file := filepath.Join(tree, "users/config.cue")
	own, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	secrets := filepath.Join(tree, ".secrets.local.cue")
	t.Cleanup(func() {
		os.Remove(secrets)
		if err := os.WriteFile(file, own, 0o644); err != nil {
			t.Error(err)
		}
	})
	if err := os.WriteFile(secrets, []byte(`LogtoManagementSecret: "the secret of a test"`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(set(string(own), "ManagementEndpoint", `"`+address+`"`)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Another tenant's Management API knows none of the people, so a sync with it would
// delete all of them.
func TestSyncWithAnotherTenant(t *testing.T) {
	idp, other := newProvider(t), newProvider(t)
	idp.start(t)
	token := other.tokenWith(t, clientID, map[string]any{"aud": "https://default.logto.app/api", "scope": "all"})
	stranger := person()
	management := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		answer := any(map[string]string{"code": "entity.not_found"})
		switch r.URL.Path {
		case "/oidc/token":
			answer = map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": 3600}
		case "/api/users":
			w.Header().Set("Total-Number", "1")
			answer = []any{map[string]any{"id": stranger, "isSuspended": false, "updatedAt": 1}}
		default:
			w.WriteHeader(http.StatusNotFound)
		}
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(management.Close)
	useManagement(t, management.URL)

	app := start(t, config(idp.issuer()), os.Getenv("ENCORE_SQLDB_HOST"))
	who := idp.token(t, person())
	waitFor(t, app, "/users/me", who, 200)
	for range 2 {
		backend.Refusal(t, app.Do(t, backend.Request{Method: "POST", Path: "/users.Sync"}), 503)
	}
	if got := metric(t, app, `syncs_total{outcome="failed",service="users"}`); got != 2 {
		t.Errorf("%v syncs count as failed, want 2", got)
	}
	if a := app.Get(t, "/users/me", who); a.Status != 200 {
		t.Errorf("status %d: %s", a.Status, a.Body)
	}
}
