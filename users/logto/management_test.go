package logto

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestNewManagement_NotConfigured(t *testing.T) {
	for _, tt := range []struct{ endpoint, resource, clientID, secret, want string }{
		{"", "r", "c", "s", "ManagementEndpoint in users/config.cue is empty"},
		{"https://logto.example", "", "c", "s", "ManagementResource in users/config.cue is empty"},
		{"https://logto.example", "r", "", "s", "ManagementClientId in users/config.cue is empty"},
		{"https://logto.example", "r", "c", "", "the secret LogtoManagementSecret is empty"},
		{"logto.example", "r", "c", "s", "ManagementEndpoint in users/config.cue is not an absolute http or https URL"},
		{"ftp://logto.example", "r", "c", "s", "ManagementEndpoint in users/config.cue is not an absolute http or https URL"},
	} {
		_, err := NewManagement(ManagementConfig{Endpoint: tt.endpoint, Resource: tt.resource, ClientID: tt.clientID, Secret: tt.secret})
		if !errors.Is(err, ErrNotConfigured) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("err = %v, want %s", err, tt.want)
		}
	}
}

// TestManagement_RetryAfter checks that the client obeys Retry-After, up to a limit.
func TestManagement_RetryAfter(t *testing.T) {
	for header, want := range map[string]time.Duration{"7": 7 * time.Second, "86400": maxRetryAfter, "": time.Second, "soon": time.Second} {
		resp := &http.Response{StatusCode: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {header}}}
		if got := boundedBackoff(time.Second, time.Minute, 0, resp); got != want {
			t.Errorf("Retry-After %q: %v, want %v", header, got, want)
		}
	}
}

// TestManagement_TokenRetries checks that the retries for a token end within the 5
// seconds that a sync waits for it.
func TestManagement_TokenRetries(t *testing.T) {
	m, err := NewManagement(ManagementConfig{Endpoint: "https://logto.example", Resource: "r", ClientID: "c", Secret: "s"})
	if err != nil {
		t.Fatal(err)
	}
	var waits time.Duration
	for attempt := range m.tokenClient.RetryMax {
		waits += m.tokenClient.Backoff(m.tokenClient.RetryWaitMin, m.tokenClient.RetryWaitMax, attempt, nil)
	}
	if waits >= 5*time.Second {
		t.Errorf("the retries take %s, want less than 5s", waits)
	}
}
