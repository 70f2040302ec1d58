package wire

import (
	"net/http"
	"testing"

	"encore.app/e2e/backend"
)

// checkNotFound checks the answer where there is no endpoint. It has no ids:
// no request of the application was made of it.
func checkNotFound(t *testing.T, a backend.Answer) {
	t.Helper()
	if a.Status != http.StatusNotFound {
		t.Errorf("status %d, want 404", a.Status)
	}
	if want := refusal("not_found", "endpoint not found", "null"); a.Body != want {
		t.Errorf("body %q, want %q", a.Body, want)
	}
	checkHeaders(t, a)
	for _, name := range []string{"X-Encore-Trace-Id", "X-Request-Id"} {
		if a.Header.Get(name) != "" {
			t.Errorf("there is a header %s", name)
		}
	}
}

func TestNotFound(t *testing.T) {
	for name, r := range map[string]backend.Request{
		"unknown path":              {Path: "/nope"},
		"root":                      {Path: "/"},
		"other letter case":         {Path: "/Public"},
		"double slash":              {Path: "//public"},
		"dot segments":              {Path: "/x/../public"},
		"below an endpoint":         {Path: "/public/x"},
		"path parameter missing":    {Path: "/number/"},
		"below /__encore":           {Path: "/__encore/nope"},
		"wrong method":              {Method: "POST", Path: "/public"},
		"wrong method, no token":    {Method: "POST", Path: "/auth"},
		"OPTIONS":                   {Method: "OPTIONS", Path: "/public"},
		"method of another's path":  {Method: "GET", Path: "/body"},
		"method nobody knows":       {Method: "FOO", Path: "/public"},
		"method by override header": {Method: "POST", Path: "/public", Header: map[string]string{"X-HTTP-Method-Override": "GET"}},
	} {
		t.Run(name, func(t *testing.T) { checkNotFound(t, probe(t).Do(t, r)) })
	}
}

func TestHeadIsNotGet(t *testing.T) {
	if a := probe(t).Do(t, backend.Request{Method: "HEAD", Path: "/public"}); a.Status != 404 {
		t.Errorf("status %d, want 404", a.Status)
	}
}

func TestSlashAtTheEndIsRedirected(t *testing.T) {
	for _, test := range []struct {
		method, path, location string
		status                 int
	}{
		{"GET", "/public/", "/public", 301},
		{"GET", "/public/?a=b", "/public", 301}, // the query is lost
		{"POST", "/nothing/", "/nothing", 308},
	} {
		t.Run(test.method+" "+test.path, func(t *testing.T) {
			a := probe(t).Do(t, backend.Request{Method: test.method, Path: test.path})
			if a.Status != test.status || a.Header.Get("Location") != test.location {
				t.Errorf("%d to %q, want %d to %q", a.Status, a.Header.Get("Location"), test.status, test.location)
			}
		})
	}
}

func TestEndpointWithoutPath(t *testing.T) {
	for _, method := range []string{"GET", "POST"} {
		a := probe(t).Do(t, backend.Request{Method: method, Path: "/wire.DefaultPath"})
		checkAnswer(t, a, 200, "{\n  \"text\": \"<b>&é\"\n}\n")
	}
}

// A private endpoint is within reach on a developer's machine. In the cloud it is not.
func TestPrivateEndpoint(t *testing.T) {
	checkCaller(t, probe(t).Get(t, "/private", ""), caller{})
}

func TestHealth(t *testing.T) {
	a := probe(t).Get(t, "/__encore/healthz", "")
	checkHeaders(t, a)
	health := backend.JSON[struct {
		Code    string
		Details struct {
			Checks []struct {
				Name   string
				Passed bool
			}
		}
	}](t, a)
	if health.Code != "ok" || len(health.Details.Checks) == 0 {
		t.Errorf("not healthy: %s", a.Body)
	}
	for _, check := range health.Details.Checks {
		if !check.Passed {
			t.Errorf("check %s did not pass", check.Name)
		}
	}
}

func TestConfig(t *testing.T) {
	checkAnswer(t, probe(t).Get(t, "/config", ""), 200,
		"{\n  \"Name\": \"local\",\n  \"Type\": \"development\",\n  \"Cloud\": \"it is local\",\n  \"Limit\": 30,\n  \"Words\": [\n    \"a\",\n    \"b\"\n  ],\n  \"Yes\": true\n}\n")
}
