package http_test

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"encore.app/e2e/backend"
	"encore.app/e2e/people"
)

// hookQuestion is what a Hasura engine asks the auth hook. An empty field is not sent.
type hookQuestion struct {
	token, expectedRole, resource, unauthorizedRole string
}

// send asks with the method.
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

// checkHook checks what holds for every answer of the hook.
func checkHook(t *testing.T, a backend.Answer) {
	t.Helper()
	checkSilent(t, a)
	switch a.Status {
	case http.StatusOK:
	case http.StatusUnauthorized:
		if got := a.Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("a refusal has Cache-Control %q, want no-store", got)
		}
	default:
		t.Errorf("status %d, but Hasura understands 200 and 401 only: %s", a.Status, a.Body)
	}
}

// resourceOf returns the API resource that the token is for.
func resourceOf(t *testing.T, token string) string {
	t.Helper()
	resource, _ := people.Claims(t, token)["aud"].(string)
	if resource == "" {
		t.Fatal("the token has no audience")
	}
	return resource
}

// defaultRole returns the role of who asks for none: the first of the token's, if it has any.
func defaultRole(t *testing.T, token string) string {
	t.Helper()
	if roles, _ := people.Claims(t, token)["roles"].([]any); len(roles) > 0 {
		return roles[0].(string)
	}
	return "user"
}

var hookMethods = []string{http.MethodGet, http.MethodPost}

func TestHasuraHook(t *testing.T) {
	token := people.Token(t, "alice")
	resource, role := resourceOf(t, token), defaultRole(t, token)
	id := strconv.FormatInt(me(t, "alice").ID, 10)
	forged := people.Alter(t, token, nil, map[string]any{"roles": []string{"admin"}})
	const other = "https://other.example.com"

	for name, test := range map[string]struct {
		hookQuestion
		status   int
		id, role string
	}{
		"no role asked for":               {hookQuestion{token: token}, 200, id, role},
		"held":                            {hookQuestion{token: token, expectedRole: role}, 200, id, role},
		"held, unauthorized role":         {hookQuestion{token: token, expectedRole: role, unauthorizedRole: "anonymous"}, 200, id, role},
		"not held":                        {hookQuestion{token: token, expectedRole: "admin"}, 401, "", ""},
		"not held, unauthorized role":     {hookQuestion{token: token, expectedRole: "admin", unauthorizedRole: "anonymous"}, 200, id, "anonymous"},
		"other letter case":               {hookQuestion{token: token, expectedRole: strings.ToUpper(role)}, 401, "", ""},
		"other resource":                  {hookQuestion{token: token, expectedRole: role, resource: other}, 401, "", ""},
		"other resource, no role":         {hookQuestion{token: token, resource: other}, 200, "", ""},
		"other resource, unauthorized":    {hookQuestion{token: token, expectedRole: role, resource: other, unauthorizedRole: "anonymous"}, 200, id, "anonymous"},
		"no token":                        {hookQuestion{expectedRole: role}, 401, "", ""},
		"no token, unauthorized role":     {hookQuestion{expectedRole: role, unauthorizedRole: "anonymous"}, 200, "", "anonymous"},
		"no token, no role":               {hookQuestion{}, 200, "", ""},
		"forged token":                    {hookQuestion{token: forged, expectedRole: "admin"}, 401, "", ""},
		"forged token, unauthorized role": {hookQuestion{token: forged, expectedRole: "admin", unauthorizedRole: "anonymous"}, 200, "", "anonymous"},
		"opaque token":                    {hookQuestion{token: strings.Repeat("a", 43), expectedRole: role}, 401, "", ""},
	} {
		for _, method := range hookMethods {
			t.Run(method+" "+name, func(t *testing.T) {
				q := test.hookQuestion
				if q.resource == "" {
					q.resource = resource
				}
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

// The answer may be kept until the token expires, which is within the hour.
func TestHasuraHookMaxAge(t *testing.T) {
	token := people.Token(t, "bob")
	for _, method := range hookMethods {
		a := hookQuestion{token: token, resource: resourceOf(t, token)}.send(t, method)
		variable := backend.JSON[map[string]string](t, a)["Cache-Control"]
		text, _ := strings.CutPrefix(variable, "max-age=")
		if seconds, err := strconv.Atoi(text); err != nil || seconds <= 0 || seconds > 3600 {
			t.Errorf("%s: the variable Cache-Control is %q", method, variable)
		}
		if got := a.Header.Get("Cache-Control"); got != "private, "+variable {
			t.Errorf("%s: the header Cache-Control is %q, the variable %q", method, got, variable)
		}
	}
	a := hookQuestion{resource: resourceOf(t, token), unauthorizedRole: "anonymous"}.send(t, http.MethodGet)
	if got := a.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("nobody's answer has Cache-Control %q, want no-store", got)
	}
}

func TestHasuraHookKeepsCallersApart(t *testing.T) {
	var requests []backend.Request
	want := map[string]string{}
	for i := range 40 {
		person := []string{"alice", "bob"}[i%2]
		token := people.Token(t, person)
		want[token] = strconv.FormatInt(me(t, person).ID, 10)
		requests = append(requests, backend.Request{Path: "/api/authn/hasura?resource=" + url.QueryEscape(resourceOf(t, token)), Token: token})
	}
	for i, a := range app(t).All(t, requests) {
		if got := backend.JSON[map[string]string](t, a)["X-Hasura-User-Id"]; got != want[requests[i].Token] {
			t.Errorf("X-Hasura-User-Id %q, want %q", got, want[requests[i].Token])
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
		"empty resource":    {Path: "/api/authn/hasura?resource=", Token: token},
		"two resources":     {Path: "/api/authn/hasura?resource=" + resource + "&resource=" + resource, Token: token},
		"bad escape":        {Path: "/api/authn/hasura?resource=%zz", Token: token},
		"semicolon":         {Path: "/api/authn/hasura?resource=" + resource + ";a", Token: token},
		"line break":        {Path: "/api/authn/hasura?resource=" + resource + "&unauthorizedRole=a%0d%0ab", Token: token},
		"role too long":     {Path: "/api/authn/hasura?resource=" + resource + "&unauthorizedRole=" + strings.Repeat("a", 1000), Token: token},
		"no body":           post(""),
		"body not JSON":     post("{"),
		"body not headers":  post(`{"headers":[]}`),
		"two bodies":        post(`{"headers":{}}{"headers":{}}`),
		"two tokens":        post(`{"headers":{"Authorization":"Bearer ` + token + `","authorization":"Bearer ` + token + `"}}`),
		"body of 4 MiB":     post(`{"headers":{"a":"` + strings.Repeat("a", 4<<20) + `"}}`),
		"deep body":         post(strings.Repeat("[", 1<<19)),
		"body with a token": {Method: http.MethodPost, Path: "/api/authn/hasura?resource=" + resource, Token: token, Body: `{"query":"{ users { id } }"}`},
	} {
		t.Run(name, func(t *testing.T) {
			a := app(t).Do(t, r)
			checkHook(t, a)
			checkRefused(t, a)
		})
	}
}

// Whatever is asked, the answer has one of two statuses, and nobody gets a role
// that they don't hold, or another person's id.
func TestHasuraHookRandom(t *testing.T) {
	token := people.Token(t, "alice")
	id := strconv.FormatInt(me(t, "alice").ID, 10)
	pick := func(values ...string) string { return values[rand.IntN(len(values))] }
	for range 300 {
		q := hookQuestion{
			token:            pick("", token, token+"a", token[:len(token)-9], "..", "a.b.c", "null", people.Alter(t, token, nil, map[string]any{"sub": "somebody"})),
			expectedRole:     pick("", defaultRole(t, token), "admin", "user,admin", "organization", "{}", "x-hasura-role", "ä"),
			resource:         pick(resourceOf(t, token), "https://other.example.com", "*", "%", "a\x00b", ""),
			unauthorizedRole: pick("", "anonymous", "\x7f", "ü"),
		}
		a := q.send(t, pick(hookMethods...))
		if a.Status != 200 {
			continue
		}
		got := backend.JSON[map[string]string](t, a)
		if role := got["X-Hasura-Role"]; role != "" && role != q.unauthorizedRole && role != defaultRole(t, token) {
			t.Errorf("%+v: the role is %q", q, role)
		}
		if user, ok := got["X-Hasura-User-Id"]; ok && (user != id || q.token != token) {
			t.Errorf("%+v: the user id is %q", q, user)
		}
		for name := range maps.Keys(got) {
			if !strings.HasPrefix(name, "X-Hasura-") && name != "Cache-Control" {
				t.Errorf("%+v: there is a variable %q", q, name)
			}
		}
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
