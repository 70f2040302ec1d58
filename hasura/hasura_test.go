package hasura

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"encore.dev/beta/errs"

	"encore.app/auth"
	"encore.app/internal/trace/tracetest"
)

const (
	resource = "https://api.encoreapp.com"
	other    = "https://other.example.com"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// tokens has the answers of auth.Verify for the tokens in the tests.
var tokens = map[string]*auth.VerifyResponse{
	"with role":                     verified("alice0000001", 1, resource, auth.Data{Roles: []string{"todo-editor"}}),
	"without role":                  verified("bob000000001", 2, resource, auth.Data{Roles: []string{}}),
	"other resource":                verified("alice0000001", 1, other, auth.Data{Roles: []string{"todo-editor"}}),
	"machine":                       verified("m2m1localencore2logto", 0, resource, auth.Data{ClientID: "m2m1localencore2logto"}),
	"machine other resource":        verified("m2m1localencore2logto", 0, "https://default.logto.app/api", auth.Data{ClientID: "m2m1localencore2logto"}),
	"organization with resource":    verified("alice0000001", 1, resource, auth.Data{Roles: []string{"todo-editor"}, OrganizationID: "orgacme00001"}),
	"machine organization":          verified("m2m1localencore2logto", 0, resource, auth.Data{ClientID: "m2m1localencore2logto", OrganizationID: "orgacme00001"}),
	"organization without resource": verified("alice0000001", 1, "urn:logto:organization:orgacme00001", auth.Data{Roles: []string{"todo-editor"}, OrganizationID: "orgacme00001"}),
}

func verified(subject string, id int64, audience string, data auth.Data) *auth.VerifyResponse {
	data.UserID = id
	if data.Scopes == nil {
		data.Scopes = []string{"read:todos"}
	}
	data.Audiences, data.ExpiresAt = []string{audience}, now.Add(10*time.Minute)
	return &auth.VerifyResponse{Subject: subject, Data: &data}
}

func verify(_ context.Context, p *auth.VerifyParams) (*auth.VerifyResponse, error) {
	if !p.AnyAudience {
		return nil, &errs.Error{Code: errs.Internal, Message: "the hook must allow any audience"}
	}
	if v, ok := tokens[p.Token]; ok {
		return v, nil
	}
	return nil, &errs.Error{Code: errs.Unauthenticated, Message: "the token is rejected"}
}

func newHook(s settings) *hook {
	return &hook{
		settings: s, verify: verify, now: func() time.Time { return now },
		signedIn: func() *auth.VerifyResponse { return nil }, // not signed in: the hook calls verify
	}
}

// defaultSettings are those of config.cue.
var defaultSettings = settings{
	defaultRoles: []string{"user"}, organizationRole: "organization", maxAge: time.Hour,
	roleScopes: map[string]string{"user": "read:todos", "todo-editor": "read:todos", "organization": "read:todos", "user-admin": "read:users"},
}

// params describes a request to the hook.
type params struct {
	method, token, expectedRole, unauthorizedRole string
	resource                                      string
}

func (a params) request() *http.Request {
	query := url.Values{}
	if a.resource != "" {
		query.Set("resource", a.resource)
	}
	if a.unauthorizedRole != "" {
		query.Set("unauthorizedRole", a.unauthorizedRole)
	}
	headers := map[string]string{}
	if a.token != "" {
		headers["Authorization"] = "Bearer " + a.token
	}
	if a.expectedRole != "" {
		headers["Expected-Role"] = a.expectedRole
	}
	target := "/api/authn/hasura?" + query.Encode()
	if a.method == http.MethodPost {
		body, _ := json.Marshal(map[string]any{"headers": headers})
		return httptest.NewRequest(http.MethodPost, target, strings.NewReader(string(body)))
	}
	req := httptest.NewRequest(http.MethodGet, target, nil)
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	return req
}

type answer struct {
	status    int
	header    http.Header
	variables map[string]string
	body      string
}

func (h *hook) send(t *testing.T, req *http.Request) answer {
	t.Helper()
	w := httptest.NewRecorder()
	h.serve(t.Context(), w, req)
	a := answer{status: w.Code, header: w.Header(), body: w.Body.String()}
	switch w.Code {
	case http.StatusOK:
		if err := json.Unmarshal(w.Body.Bytes(), &a.variables); err != nil {
			t.Fatalf("the body must be an object of strings: %v: %s", err, a.body)
		}
	case http.StatusUnauthorized:
		if got := w.Header().Get("Cache-Control"); got != "no-store" {
			t.Errorf("Cache-Control of an error is %q, want no-store", got)
		}
	default:
		t.Fatalf("status %d, want 200 or 401: %s", a.status, a.body)
	}
	return a
}

func wantUnauthorized(t *testing.T, a answer, about string) {
	t.Helper()
	if a.status != http.StatusUnauthorized || !strings.Contains(a.body, about) {
		t.Errorf("status %d: %s, want 401 and a message about %q", a.status, a.body, about)
	}
}

func wantVariables(t *testing.T, a answer, want map[string]string) {
	t.Helper()
	if fmt.Sprint(a.variables) != fmt.Sprint(want) { // maps are printed in order
		t.Errorf("status %d: %s\nwant %v", a.status, a.body, want)
	}
}

// TestAnswersAsLogto compares the hook with recorded answers of Logto 1.42's own hook, with
// GET and with POST (which Logto doesn't support). It differs on purpose in three cases:
//   - no resource in the URL: Logto answers 400, which the engine treats as a failure;
//   - an ID token: Logto accepts it, but it is not an access token;
//   - no role asked for: Logto gives none and the engine rejects the call; here it is the caller's first.
func TestAnswersAsLogto(t *testing.T) {
	file, err := os.Open("testdata/logto.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	h := newHook(settings{logtoID: true, maxAge: time.Hour})
	for _, row := range rows[1:] {
		token, status, userID, role := row[0], row[4], row[5], row[6]
		q := params{token: token, resource: map[string]string{"this": resource, "other": other}[row[1]], expectedRole: row[2], unauthorizedRole: row[3]}
		if token == "missing" {
			q.token = ""
		}
		if token == "ID token" {
			userID = ""
		}
		if status == "400" {
			status = "401"
		}
		for _, q.method = range []string{http.MethodGet, http.MethodPost} {
			t.Run(fmt.Sprintf("%s %s", q.method, strings.Join(row[:4], ", ")), func(t *testing.T) {
				a := h.send(t, q.request())
				if fmt.Sprint(a.status) != status {
					t.Fatalf("status %d: %s, want %s", a.status, a.body, status)
				}
				if got := a.variables["X-Hasura-User-Id"]; got != userID {
					t.Errorf("X-Hasura-User-Id %q, want %q", got, userID)
				}
				if role == "" && q.expectedRole == "" {
					role = a.variables["X-Hasura-Default-Role"]
				}
				if got := a.variables["X-Hasura-Role"]; got != role {
					t.Errorf("X-Hasura-Role %q, want %q", got, role)
				}
			})
		}
	}
}

func TestSession(t *testing.T) {
	for name, test := range map[string]struct {
		params
		want map[string]string
	}{
		"default role": {params{token: "without role"}, map[string]string{
			"X-Hasura-User-Id": "2", "X-Hasura-Role": "user",
			"X-Hasura-Default-Role": "user", "X-Hasura-Allowed-Roles": `{"user"}`, "Cache-Control": "max-age=600",
		}},
		"default role asked for": {params{token: "without role", expectedRole: "user"}, map[string]string{
			"X-Hasura-User-Id": "2", "X-Hasura-Role": "user",
			"X-Hasura-Default-Role": "user", "X-Hasura-Allowed-Roles": `{"user"}`, "Cache-Control": "max-age=600",
		}},
		"own roles instead of the default": {params{token: "with role"}, map[string]string{
			"X-Hasura-User-Id": "1", "X-Hasura-Role": "todo-editor",
			"X-Hasura-Default-Role": "todo-editor", "X-Hasura-Allowed-Roles": `{"todo-editor"}`, "Cache-Control": "max-age=600",
		}},
		"organization": {params{token: "organization with resource"}, map[string]string{
			"X-Hasura-User-Id": "1", "X-Hasura-Organization-Id": "orgacme00001", "X-Hasura-Role": "organization",
			"X-Hasura-Default-Role": "organization", "X-Hasura-Allowed-Roles": `{"organization","todo-editor"}`, "Cache-Control": "max-age=600",
		}},
		"organization, own role": {params{token: "organization with resource", expectedRole: "todo-editor"}, map[string]string{
			"X-Hasura-User-Id": "1", "X-Hasura-Organization-Id": "orgacme00001", "X-Hasura-Role": "todo-editor",
			"X-Hasura-Default-Role": "organization", "X-Hasura-Allowed-Roles": `{"organization","todo-editor"}`, "Cache-Control": "max-age=600",
		}},
		"machine": {params{token: "machine"}, map[string]string{"Cache-Control": "max-age=600"}},
		"machine of an organization": {params{token: "machine organization"}, map[string]string{
			"X-Hasura-Organization-Id": "orgacme00001", "Cache-Control": "max-age=600",
		}},
		"for another resource": {params{token: "organization without resource", unauthorizedRole: "anonymous"}, map[string]string{
			"X-Hasura-User-Id": "1", "X-Hasura-Role": "anonymous", "Cache-Control": "max-age=600",
		}},
		"no token":          {params{unauthorizedRole: "anonymous"}, map[string]string{"X-Hasura-Role": "anonymous"}},
		"no token, no role": {params{}, map[string]string{}},
		"bad token":         {params{token: "bad", unauthorizedRole: "anonymous"}, map[string]string{"X-Hasura-Role": "anonymous"}},
		"role not held": {params{token: "with role", expectedRole: "admin", unauthorizedRole: "anonymous"}, map[string]string{
			"X-Hasura-User-Id": "1", "X-Hasura-Role": "anonymous",
			"X-Hasura-Default-Role": "todo-editor", "X-Hasura-Allowed-Roles": `{"todo-editor"}`, "Cache-Control": "max-age=600",
		}},
	} {
		for _, test.method = range []string{http.MethodGet, http.MethodPost} {
			t.Run(test.method+" "+name, func(t *testing.T) {
				test.resource = resource
				wantVariables(t, newHook(defaultSettings).send(t, test.request()), test.want)
			})
		}
	}
}

func TestRoleNotHeld(t *testing.T) {
	for token, about := range map[string]string{
		"": "Expected-Role", "with role": "Expected-Role", "machine": "Expected-Role",
		"other resource": "another API resource", "organization without resource": "another API resource",
		"bad": "the token is rejected",
	} {
		for _, role := range []string{"admin", "organization", "TODO-EDITOR", "todo-editor "} {
			a := newHook(defaultSettings).send(t, params{token: token, resource: resource, expectedRole: role}.request())
			wantUnauthorized(t, a, about)
			if strings.Contains(a.body, role) {
				t.Errorf("the error repeats the role: %s", a.body)
			}
		}
	}
}

// A caller who can't be identified must not get the unauthorized role either.
func TestIdentifyFails(t *testing.T) {
	for name, test := range map[string]struct {
		verify func() (*auth.VerifyResponse, error)
		about  string
	}{
		"unavailable": {func() (*auth.VerifyResponse, error) {
			return nil, &errs.Error{Code: errs.Unavailable, Message: "dial tcp"}
		}, "try again"},
		"unknown error": {func() (*auth.VerifyResponse, error) { return nil, fmt.Errorf("dial tcp") }, "try again"},
		"too late":      {func() (*auth.VerifyResponse, error) { return nil, context.DeadlineExceeded }, "try again"},
		"suspended": {func() (*auth.VerifyResponse, error) {
			return nil, &errs.Error{Code: errs.PermissionDenied, Message: "your account is suspended"}
		}, "suspended"},
		"panic":   {func() (*auth.VerifyResponse, error) { panic("dial tcp") }, "try again"},
		"no data": {func() (*auth.VerifyResponse, error) { return nil, nil }, "try again"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHook(defaultSettings)
			h.verify = func(context.Context, *auth.VerifyParams) (*auth.VerifyResponse, error) { return test.verify() }
			for _, unauthorizedRole := range []string{"", "anonymous"} {
				a := h.send(t, params{token: "x", resource: resource, unauthorizedRole: unauthorizedRole}.request())
				wantUnauthorized(t, a, test.about)
				if strings.Contains(a.body, "dial") || !strings.Contains(a.body, `"unauthenticated"`) {
					t.Errorf("wrong error body: %s", a.body)
				}
			}
		})
	}
}

func TestMalformedAddress(t *testing.T) {
	for name, query := range map[string]string{
		"nothing":                     "",
		"no resource":                 "unauthorizedRole=anonymous",
		"empty resource":              "resource=",
		"two resources":               "resource=a&resource=b",
		"bad escape":                  "resource=%zz",
		"semicolon":                   "resource=a;b=c",
		"control character":           "resource=a%00",
		"two unauthorized roles":      "resource=a&unauthorizedRole=a&unauthorizedRole=b",
		"unauthorized role not UTF-8": "resource=a&unauthorizedRole=%ff",
		"unauthorized role too long":  "resource=a&unauthorizedRole=" + strings.Repeat("a", 256),
		"line break in the role":      "resource=a&unauthorizedRole=a%0ab",
		"role admin":                  "resource=a&unauthorizedRole=admin",
		"role Admin":                  "resource=a&unauthorizedRole=+Admin%09",
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			t.Run(method+" "+name, func(t *testing.T) {
				req := params{method: method, token: "with role"}.request()
				req.URL.RawQuery = query
				wantUnauthorized(t, newHook(defaultSettings).send(t, req), "the hook's address")
			})
		}
	}
}

func TestMalformedBody(t *testing.T) {
	for name, body := range map[string]string{
		"empty":           "",
		"no JSON":         "headers",
		"null":            "null",
		"array":           "[]",
		"no headers":      "{}",
		"headers null":    `{"headers":null}`,
		"headers a list":  `{"headers":["Authorization"]}`,
		"header a number": `{"headers":{"Authorization":1}}`,
		"header a list":   `{"headers":{"Authorization":["Bearer with role"]}}`,
		"something after": `{"headers":{}} {}`,
		"cut":             `{"headers":{"Authorization":"Bearer `,
		"too long":        `{"headers":{"Authorization":"` + strings.Repeat("a", maxBody) + `"}}`,
		"deep":            strings.Repeat("[", 100_000),
	} {
		t.Run(name, func(t *testing.T) {
			req := httptest.NewRequest(http.MethodPost, "/api/authn/hasura?resource="+resource, strings.NewReader(body))
			req.Header.Set("Authorization", "Bearer with role") // the engine's own, not the client's
			wantUnauthorized(t, newHook(defaultSettings).send(t, req), "body")
		})
	}
}

func TestClientHeaders(t *testing.T) {
	for name, test := range map[string]struct {
		headers string
		message string
		role    string
	}{
		"names in another letter case":  {`"authorization":"Bearer with role","EXPECTED-ROLE":"todo-editor"`, "", "todo-editor"},
		"another scheme":                {`"Authorization":"Basic with role"`, "", "anonymous"},
		"scheme in another letter case": {`"Authorization":"bearer with role","Expected-Role":"todo-editor"`, "", "todo-editor"},
		"no scheme":                     {`"Authorization":"with role"`, "", "anonymous"},
		"two tokens":                    {`"Authorization":"Bearer with role","authorization":"Bearer machine"`, "Authorization", ""},
		"two roles":                     {`"Expected-Role":"a","expected-role":"b"`, "Expected-Role", ""},
		"role too long":                 {`"Expected-Role":"` + strings.Repeat("a", 256) + `"`, "Expected-Role", ""},
		"session variables are ignored": {`"X-Hasura-Role":"admin","X-Hasura-User-Id":"7"`, "", "anonymous"},
	} {
		t.Run(name, func(t *testing.T) {
			req := httptest.NewRequest(http.MethodPost, "/api/authn/hasura?unauthorizedRole=anonymous&resource="+resource,
				strings.NewReader(`{"request":{"query":"{ me }"},"headers":{`+test.headers+`}}`))
			a := newHook(defaultSettings).send(t, req)
			if test.message != "" {
				wantUnauthorized(t, a, test.message)
			} else if got := a.variables["X-Hasura-Role"]; got != test.role {
				t.Errorf("X-Hasura-Role %q, want %q: %s", got, test.role, a.body)
			}
		})
	}
}

// An answer must not be cached longer than the token is valid, or than configured.
func TestMaxAge(t *testing.T) {
	for name, test := range map[string]struct {
		expiresIn, maxAge time.Duration
		want              string
	}{
		"token's life":             {600*time.Second + 900*time.Millisecond, time.Hour, "600"},
		"configured":               {time.Hour, 20 * time.Second, "20"},
		"expired within tolerance": {-10 * time.Second, time.Hour, "0"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHook(settings{maxAge: test.maxAge})
			v := verified("alice0000001", 1, resource, auth.Data{})
			v.Data.ExpiresAt = now.Add(test.expiresIn)
			h.verify = func(context.Context, *auth.VerifyParams) (*auth.VerifyResponse, error) { return v, nil }
			a := h.send(t, params{token: "x", resource: resource}.request())
			if got, want := a.variables["Cache-Control"], "max-age="+test.want; got != want {
				t.Errorf("the variable Cache-Control is %q, want %q", got, want)
			}
			if got, want := a.header.Get("Cache-Control"), "private, max-age="+test.want; got != want {
				t.Errorf("the header Cache-Control is %q, want %q", got, want)
			}
		})
	}
	a := newHook(defaultSettings).send(t, params{resource: resource, unauthorizedRole: "anonymous"}.request())
	if got := a.header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control without a token is %q, want no-store", got)
	}
}

// Quotes in role names must not break the array literal.
func TestOddRoles(t *testing.T) {
	h := newHook(defaultSettings)
	v := verified("alice0000001", 1, resource, auth.Data{Roles: []string{"", "a\x00b", strings.Repeat("a", 256), `a","b`, `c\`}})
	h.verify = func(context.Context, *auth.VerifyParams) (*auth.VerifyResponse, error) { return v, nil }
	a := h.send(t, params{token: "x", resource: resource}.request())
	if got, want := a.variables["X-Hasura-Allowed-Roles"], `{"a\",\"b","c\\"}`; got != want {
		t.Errorf("X-Hasura-Allowed-Roles %s, want %s", got, want)
	}
}

// The role admin bypasses all permissions. Nobody gets it, however it is spelled.
func TestNobodyIsAdmin(t *testing.T) {
	for _, admin := range []string{"admin", "Admin", "ADMIN", " admin", "admin\u00a0"} {
		h := newHook(settings{logtoID: true, defaultRoles: []string{admin}, organizationRole: admin})
		for name, data := range map[string]auth.Data{
			"the only role":    {Roles: []string{admin}},
			"the first role":   {Roles: []string{admin, "todo-editor"}},
			"the default role": {},
			"an organization":  {Roles: []string{"todo-editor"}, OrganizationID: "orgacme00001"},
		} {
			for id := range int64(2) { // a machine and a person
				h.verify = func(context.Context, *auth.VerifyParams) (*auth.VerifyResponse, error) {
					return verified("alice0000001", id, resource, data), nil
				}
				for _, role := range []string{"", admin} {
					for _, unauthorizedRole := range []string{"", "anonymous"} {
						a := h.send(t, params{token: "x", resource: resource, expectedRole: role, unauthorizedRole: unauthorizedRole}.request())
						if role != "" && unauthorizedRole == "" {
							wantUnauthorized(t, a, "Expected-Role")
						}
						if strings.Contains(strings.ToLower(fmt.Sprint(a.variables)), "admin") {
							t.Errorf("%q as %s, asked for %q: %v", admin, name, role, a.variables)
						}
					}
				}
			}
		}
	}
}

func TestRoleNeedsScope(t *testing.T) {
	for name, test := range map[string]struct {
		data auth.Data
		want string // of X-Hasura-Allowed-Roles
	}{
		"default role":                 {auth.Data{Scopes: []string{"read:todos"}}, `{"user"}`},
		"no scope":                     {auth.Data{Scopes: []string{}}, ""},
		"another scope":                {auth.Data{Scopes: []string{"write:todos", "read:todos:own"}}, ""},
		"own role without its scope":   {auth.Data{Scopes: []string{"read:todos"}, Roles: []string{"user-admin"}}, ""},
		"one of two":                   {auth.Data{Scopes: []string{"read:users"}, Roles: []string{"todo-editor", "user-admin"}}, `{"user-admin"}`},
		"organization":                 {auth.Data{Scopes: []string{}, OrganizationID: "orgacme00001"}, ""},
		"a role that needs no scope":   {auth.Data{Scopes: []string{}, Roles: []string{"reader"}}, `{"reader"}`},
		"the first is not the default": {auth.Data{Scopes: []string{"read:users"}, OrganizationID: "orgacme00001", Roles: []string{"user-admin"}}, `{"user-admin"}`},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHook(defaultSettings)
			h.verify = func(context.Context, *auth.VerifyParams) (*auth.VerifyResponse, error) {
				return verified("alice0000001", 1, resource, test.data), nil
			}
			a := h.send(t, params{token: "x", resource: resource}.request())
			if got := a.variables["X-Hasura-Allowed-Roles"]; got != test.want || a.variables["X-Hasura-User-Id"] != "1" {
				t.Errorf("%v, want the roles %s", a.variables, test.want)
			}
			if role := a.variables["X-Hasura-Role"]; role != a.variables["X-Hasura-Default-Role"] {
				t.Errorf("the role is %q: %v", role, a.variables)
			}
			for _, role := range []string{"user", "user-admin", "organization"} {
				if strings.Contains(test.want, `"`+role+`"`) {
					continue
				}
				wantUnauthorized(t, h.send(t, params{token: "x", resource: resource, expectedRole: role}.request()), "Expected-Role")
			}
		})
	}
}

// With GET, the auth handler has already verified the token and removed it from the
// headers. With POST, the handler saw the engine's own token.
func TestSignedIn(t *testing.T) {
	h := newHook(defaultSettings)
	h.signedIn = func() *auth.VerifyResponse { return tokens["with role"] }
	h.verify = func(context.Context, *auth.VerifyParams) (*auth.VerifyResponse, error) {
		t.Error("the token was verified again")
		return nil, errUnavailable
	}
	a := h.send(t, params{resource: resource}.request())
	if a.variables["X-Hasura-User-Id"] != "1" || a.variables["X-Hasura-Role"] != "todo-editor" {
		t.Errorf("%v", a.variables)
	}
	wantUnauthorized(t, h.send(t, params{resource: resource, expectedRole: "user-admin"}.request()), "Expected-Role")
	wantUnauthorized(t, h.send(t, params{resource: other, expectedRole: "todo-editor"}.request()), "another API resource")
	if a := h.send(t, params{method: http.MethodPost, resource: resource}.request()); len(a.variables) != 0 {
		t.Errorf("variables = %v, want none: POST must ignore the engine's own token", a.variables)
	}
}

// The body of a POST contains the client's token.
func TestBodyIsNotTraced(t *testing.T) {
	b := &tracetest.Body{Reader: strings.NewReader(`{"headers":{}}`)}
	req := httptest.NewRequest(http.MethodPost, "/api/authn/hasura?resource="+resource, b)
	newHook(defaultSettings).send(t, req)
	if !b.Omitted {
		t.Error("the body is in the trace")
	}
}
