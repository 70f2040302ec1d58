package http_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"encore.app/e2e/backend"
	"encore.app/e2e/people"
)

// hookQuestion is a request of a Hasura engine. Empty fields are not sent.
type hookQuestion struct {
	token, expectedRole, resource, unauthorizedRole string
}

func (q hookQuestion) send(t *testing.T, method string) backend.Answer {
	t.Helper()
	headers := map[string]string{}
	if q.token != "" {
		headers["Authorization"] = "Bearer " + q.token
	}
	if q.expectedRole != "" {
		headers["Expected-Role"] = q.expectedRole
	}
	query := url.Values{}
	if q.resource != "" {
		query.Set("resource", q.resource)
	}
	if q.unauthorizedRole != "" {
		query.Set("unauthorizedRole", q.unauthorizedRole)
	}
	r := backend.Request{Method: method, Path: "/api/authn/hasura?" + query.Encode(), Header: headers}
	if method == http.MethodPost {
		body, err := json.Marshal(map[string]any{"headers": headers, "request": map[string]any{"query": "{ users { id } }"}})
		if err != nil {
			t.Fatal(err)
		}
		r.Header, r.Body = nil, string(body)
	}
	a := app(t).Do(t, r)
	checkHook(t, a)
	return a
}

func checkHook(t *testing.T, a backend.Answer) {
	t.Helper()
	checkNoInternals(t, a)
	switch a.Status {
	case http.StatusOK:
	case http.StatusUnauthorized:
		if got := a.Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("a refusal has Cache-Control %q, want no-store", got)
		}
	default:
		t.Errorf("status %d, but Hasura understands only 200 and 401: %s", a.Status, a.Body)
	}
}

func resourceOf(t *testing.T, token string) string {
	t.Helper()
	resource, _ := people.Claims(t, token)["aud"].(string)
	if resource == "" {
		t.Fatal("the token has no audience")
	}
	return resource
}

// defaultRole returns the token's first role, or the role of people without one.
func defaultRole(t *testing.T, token string) string {
	t.Helper()
	if roles, _ := people.Claims(t, token)["roles"].([]any); len(roles) > 0 {
		return roles[0].(string)
	}
	return "user"
}

var hookMethods = []string{http.MethodGet, http.MethodPost}

// The tests of the hasura service have all cases. These check them over HTTP.
func TestHasuraHook(t *testing.T) {
	token := people.Token(t, "alice")
	resource, role := resourceOf(t, token), defaultRole(t, token)
	id := strconv.FormatInt(me(t, "alice").ID, 10)
	forged := people.Alter(t, token, nil, map[string]any{"roles": []string{"admin"}})

	for name, test := range map[string]struct {
		hookQuestion
		status   int
		id, role string
	}{
		"no role asked for":           {hookQuestion{token: token}, 200, id, role},
		"not held":                    {hookQuestion{token: token, expectedRole: "admin"}, 401, "", ""},
		"not held, unauthorized role": {hookQuestion{token: token, expectedRole: "admin", unauthorizedRole: "anonymous"}, 200, id, "anonymous"},
		"forged token":                {hookQuestion{token: forged, expectedRole: "admin"}, 401, "", ""},
	} {
		for _, method := range hookMethods {
			t.Run(method+" "+name, func(t *testing.T) {
				q := test.hookQuestion
				q.resource = resource
				a := q.send(t, method)
				if a.Status != test.status {
					t.Fatalf("status %d, want %d: %s", a.Status, test.status, a.Body)
				}
				if a.Status != 200 {
					checkRefused(t, a)
					return
				}
				got := backend.JSON[map[string]string](t, a)
				if got["X-Hasura-User-Id"] != test.id || got["X-Hasura-Role"] != test.role {
					t.Errorf("got %v, want the user id %q and the role %q", got, test.id, test.role)
				}
			})
		}
	}
}

func TestHasuraHookMalformed(t *testing.T) {
	token := people.Token(t, "alice")
	resource := url.QueryEscape(resourceOf(t, token))
	post := func(body string) backend.Request {
		return backend.Request{Method: http.MethodPost, Path: "/api/authn/hasura?resource=" + resource, Body: body}
	}
	for name, r := range map[string]backend.Request{
		"no resource":       {Path: "/api/authn/hasura", Token: token},
		"no body":           post(""),
		"body of 4 MiB":     post(`{"headers":{"a":"` + strings.Repeat("a", 4<<20) + `"}}`),
		"body with a token": {Method: http.MethodPost, Path: "/api/authn/hasura?resource=" + resource, Token: token, Body: `{"query":"{ users { id } }"}`},
	} {
		t.Run(name, func(t *testing.T) {
			a := app(t).Do(t, r)
			checkHook(t, a)
			checkRefused(t, a)
		})
	}
}

func TestHasuraHookMethods(t *testing.T) {
	for _, method := range []string{http.MethodPut, http.MethodPatch, http.MethodDelete} {
		a := app(t).Do(t, backend.Request{Method: method, Path: "/api/authn/hasura?resource=x"})
		if e := backend.Refusal(t, a, 404); e.Code != "not_found" {
			t.Errorf("%s: %s", method, a.Body)
		}
	}
}
