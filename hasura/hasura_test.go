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

// tokens are what auth.Verify says of the tokens that the tests send.
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
		return nil, &errs.Error{Code: errs.Internal, Message: "the hook leaves the audience to the service auth"}
	}
	if v, ok := tokens[p.Token]; ok {
		return v, nil
	}
	return nil, &errs.Error{Code: errs.Unauthenticated, Message: "the token is refused"}
}

func newHook(s settings) *hook {
	return &hook{
		settings: s, verify: verify, now: func() time.Time { return now },
		signedIn: func() *auth.VerifyResponse { return nil }, // what verify says, the auth handler may not know
	}
}

// guides is the configuration that the application comes with.
var guides = settings{
	defaultRoles: []string{"user"}, organizationRole: "organization", maxAge: time.Hour,
	roleScopes: map[string]string{"user": "read:todos", "todo-editor": "read:todos", "organization": "read:todos", "user-admin": "read:users"},
}

// ask is what a test asks. The empty one is a GET with nothing in it.
type ask struct {
	method, token, expectedRole, unauthorizedRole string
	resource                                      string
}

func (a ask) request() *http.Request {
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

// answer is what the hook answered.
type answer struct {
	status    int
	header    http.Header
	variables map[string]string
	body      string
}

func (h *hook) ask(t *testing.T, req *http.Request) answer {
	t.Helper()
	w := httptest.NewRecorder()
	h.serve(t.Context(), w, req)
	a := answer{status: w.Code, header: w.Header(), body: w.Body.String()}
	switch w.Code {
	case http.StatusOK:
		if err := json.Unmarshal(w.Body.Bytes(), &a.variables); err != nil {
			t.Fatalf("the engine takes an object of texts only: %v: %s", err, a.body)
		}
	case http.StatusUnauthorized:
		if got := w.Header().Get("Cache-Control"); got != "no-store" {
			t.Errorf("a refusal has Cache-Control %q, want no-store", got)
		}
	default:
		t.Fatalf("status %d: the engine understands 200 and 401 only: %s", a.status, a.body)
	}
	return a
}

func refused(t *testing.T, a answer, about string) {
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

// The file has what the hook of Logto 1.42 itself answered. Configured to
// answer Logto ids and to add nothing, ours must say the same, with GET and
// with POST (which Logto's does not know). It differs on purpose where:
//   - the hook's address has no resource: Logto answers 400, which the engine takes for a fault;
//   - an ID token is sent: Logto takes it for a proof of who is calling, we for no access token;
//   - no role is asked for: Logto gives none and the engine refuses the call; here it is the caller's first.
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
		q := ask{token: token, resource: map[string]string{"this": resource, "other": other}[row[1]], expectedRole: row[2], unauthorizedRole: row[3]}
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
				a := h.ask(t, q.request())
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
		ask
		want map[string]string
	}{
		"default role": {ask{token: "without role"}, map[string]string{
			"X-Hasura-User-Id": "2", "X-Hasura-Role": "user",
			"X-Hasura-Default-Role": "user", "X-Hasura-Allowed-Roles": `{"user"}`, "Cache-Control": "max-age=600",
		}},
		"default role asked for": {ask{token: "without role", expectedRole: "user"}, map[string]string{
			"X-Hasura-User-Id": "2", "X-Hasura-Role": "user",
			"X-Hasura-Default-Role": "user", "X-Hasura-Allowed-Roles": `{"user"}`, "Cache-Control": "max-age=600",
		}},
		"own roles instead of the default": {ask{token: "with role"}, map[string]string{
			"X-Hasura-User-Id": "1", "X-Hasura-Role": "todo-editor",
			"X-Hasura-Default-Role": "todo-editor", "X-Hasura-Allowed-Roles": `{"todo-editor"}`, "Cache-Control": "max-age=600",
		}},
		"organization": {ask{token: "organization with resource"}, map[string]string{
			"X-Hasura-User-Id": "1", "X-Hasura-Organization-Id": "orgacme00001", "X-Hasura-Role": "organization",
			"X-Hasura-Default-Role": "organization", "X-Hasura-Allowed-Roles": `{"organization","todo-editor"}`, "Cache-Control": "max-age=600",
		}},
		"organization, own role": {ask{token: "organization with resource", expectedRole: "todo-editor"}, map[string]string{
			"X-Hasura-User-Id": "1", "X-Hasura-Organization-Id": "orgacme00001", "X-Hasura-Role": "todo-editor",
			"X-Hasura-Default-Role": "organization", "X-Hasura-Allowed-Roles": `{"organization","todo-editor"}`, "Cache-Control": "max-age=600",
		}},
		"machine": {ask{token: "machine"}, map[string]string{"Cache-Control": "max-age=600"}},
		"machine of an organization": {ask{token: "machine organization"}, map[string]string{
			"X-Hasura-Organization-Id": "orgacme00001", "Cache-Control": "max-age=600",
		}},
		"for another resource": {ask{token: "organization without resource", unauthorizedRole: "anonymous"}, map[string]string{
			"X-Hasura-User-Id": "1", "X-Hasura-Role": "anonymous", "Cache-Control": "max-age=600",
		}},
		"nobody":          {ask{unauthorizedRole: "anonymous"}, map[string]string{"X-Hasura-Role": "anonymous"}},
		"nobody, no role": {ask{}, map[string]string{}},
		"bad token":       {ask{token: "bad", unauthorizedRole: "anonymous"}, map[string]string{"X-Hasura-Role": "anonymous"}},
		"unheld asked for": {ask{token: "with role", expectedRole: "admin", unauthorizedRole: "anonymous"}, map[string]string{
			"X-Hasura-User-Id": "1", "X-Hasura-Role": "anonymous",
			"X-Hasura-Default-Role": "todo-editor", "X-Hasura-Allowed-Roles": `{"todo-editor"}`, "Cache-Control": "max-age=600",
		}},
	} {
		for _, test.method = range []string{http.MethodGet, http.MethodPost} {
			t.Run(test.method+" "+name, func(t *testing.T) {
				test.resource = resource
				wantVariables(t, newHook(guides).ask(t, test.request()), test.want)
			})
		}
	}
}

func TestRoleNotHeld(t *testing.T) {
	for token, about := range map[string]string{
		"": "Expected-Role", "with role": "Expected-Role", "machine": "Expected-Role",
		"other resource": "another API resource", "organization without resource": "another API resource",
		"bad": "the token is refused",
	} {
		for _, role := range []string{"admin", "organization", "TODO-EDITOR", "todo-editor "} {
			a := newHook(guides).ask(t, ask{token: token, resource: resource, expectedRole: role}.request())
			refused(t, a, about)
			if strings.Contains(a.body, role) {
				t.Errorf("the refusal repeats the role: %s", a.body)
			}
		}
	}
}

// Who can't be told is nobody else either: not the one with the unauthorized role.
func TestFault(t *testing.T) {
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
			h := newHook(guides)
			h.verify = func(context.Context, *auth.VerifyParams) (*auth.VerifyResponse, error) { return test.verify() }
			for _, unauthorizedRole := range []string{"", "anonymous"} {
				a := h.ask(t, ask{token: "x", resource: resource, unauthorizedRole: unauthorizedRole}.request())
				refused(t, a, test.about)
				if strings.Contains(a.body, "dial") || !strings.Contains(a.body, `"unauthenticated"`) {
					t.Errorf("not the body of a refusal: %s", a.body)
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
		"admin for everybody":         "resource=a&unauthorizedRole=admin",
		"Admin for everybody":         "resource=a&unauthorizedRole=+Admin%09",
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			t.Run(method+" "+name, func(t *testing.T) {
				req := ask{method: method, token: "with role"}.request()
				req.URL.RawQuery = query
				refused(t, newHook(guides).ask(t, req), "the hook's address")
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
			refused(t, newHook(guides).ask(t, req), "body")
		})
	}
}

func TestClientHeaders(t *testing.T) {
	for name, test := range map[string]struct {
		headers string
		refused string
		role    string
	}{
		"names in another letter case":       {`"authorization":"Bearer with role","EXPECTED-ROLE":"todo-editor"`, "", "todo-editor"},
		"another scheme":                     {`"Authorization":"Basic with role"`, "", "anonymous"},
		"scheme in another letter case":      {`"Authorization":"bearer with role","Expected-Role":"todo-editor"`, "", "todo-editor"},
		"no scheme":                          {`"Authorization":"with role"`, "", "anonymous"},
		"two tokens":                         {`"Authorization":"Bearer with role","authorization":"Bearer machine"`, "Authorization", ""},
		"two roles":                          {`"Expected-Role":"a","expected-role":"b"`, "Expected-Role", ""},
		"role too long":                      {`"Expected-Role":"` + strings.Repeat("a", 256) + `"`, "Expected-Role", ""},
		"session variables are not believed": {`"X-Hasura-Role":"admin","X-Hasura-User-Id":"7"`, "", "anonymous"},
	} {
		t.Run(name, func(t *testing.T) {
			req := httptest.NewRequest(http.MethodPost, "/api/authn/hasura?unauthorizedRole=anonymous&resource="+resource,
				strings.NewReader(`{"request":{"query":"{ me }"},"headers":{`+test.headers+`}}`))
			a := newHook(guides).ask(t, req)
			if test.refused != "" {
				refused(t, a, test.refused)
			} else if got := a.variables["X-Hasura-Role"]; got != test.role {
				t.Errorf("X-Hasura-Role %q, want %q: %s", got, test.role, a.body)
			}
		})
	}
}

// Hasura keeps an answer no longer than the token lives, nor longer than configured.
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
			a := h.ask(t, ask{token: "x", resource: resource}.request())
			if got, want := a.variables["Cache-Control"], "max-age="+test.want; got != want {
				t.Errorf("the variable Cache-Control is %q, want %q", got, want)
			}
			if got, want := a.header.Get("Cache-Control"), "private, max-age="+test.want; got != want {
				t.Errorf("the header Cache-Control is %q, want %q", got, want)
			}
		})
	}
	a := newHook(guides).ask(t, ask{resource: resource, unauthorizedRole: "anonymous"}.request())
	if got := a.header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("nobody's answer has Cache-Control %q, want no-store", got)
	}
}

// What a tenant writes into its tokens can't break out of the list of roles.
func TestOddRoles(t *testing.T) {
	h := newHook(guides)
	v := verified("alice0000001", 1, resource, auth.Data{Roles: []string{"", "a\x00b", strings.Repeat("a", 256), `a","b`, `c\`}})
	h.verify = func(context.Context, *auth.VerifyParams) (*auth.VerifyResponse, error) { return v, nil }
	a := h.ask(t, ask{token: "x", resource: resource}.request())
	if got, want := a.variables["X-Hasura-Allowed-Roles"], `{"a\",\"b","c\\"}`; got != want {
		t.Errorf("X-Hasura-Allowed-Roles %s, want %s", got, want)
	}
}

// To the engine the role admin is who knows the admin secret. Nobody gets it,
// from wherever it comes and however it is spelled.
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
						a := h.ask(t, ask{token: "x", resource: resource, expectedRole: role, unauthorizedRole: unauthorizedRole}.request())
						if role != "" && unauthorizedRole == "" {
							refused(t, a, "Expected-Role")
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

// What a token's scopes don't allow in the application, no role allows here.
func TestRoleNeedsScope(t *testing.T) {
	for name, test := range map[string]struct {
		data auth.Data
		want string // X-Hasura-Allowed-Roles
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
			h := newHook(guides)
			h.verify = func(context.Context, *auth.VerifyParams) (*auth.VerifyResponse, error) {
				return verified("alice0000001", 1, resource, test.data), nil
			}
			a := h.ask(t, ask{token: "x", resource: resource}.request())
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
				refused(t, h.ask(t, ask{token: "x", resource: resource, expectedRole: role}.request()), "Expected-Role")
			}
		})
	}
}

// With GET, the auth handler has let the caller in and taken the token out of
// the headers. With POST, it has seen the engine's own.
func TestSignedIn(t *testing.T) {
	h := newHook(guides)
	h.signedIn = func() *auth.VerifyResponse { return tokens["with role"] }
	h.verify = func(context.Context, *auth.VerifyParams) (*auth.VerifyResponse, error) {
		t.Error("the token is verified again")
		return nil, errUnavailable
	}
	a := h.ask(t, ask{resource: resource}.request())
	if a.variables["X-Hasura-User-Id"] != "1" || a.variables["X-Hasura-Role"] != "todo-editor" {
		t.Errorf("%v", a.variables)
	}
	refused(t, h.ask(t, ask{resource: resource, expectedRole: "user-admin"}.request()), "Expected-Role")
	refused(t, h.ask(t, ask{resource: other, expectedRole: "todo-editor"}.request()), "another API resource")
	if a := h.ask(t, ask{method: http.MethodPost, resource: resource}.request()); len(a.variables) != 0 {
		t.Errorf("the engine is somebody: %v", a.variables)
	}
}

// The body of a POST has the client's token in it.
func TestBodyIsNotTraced(t *testing.T) {
	b := &tracetest.Body{Reader: strings.NewReader(`{"headers":{}}`)}
	req := httptest.NewRequest(http.MethodPost, "/api/authn/hasura?resource="+resource, b)
	newHook(guides).ask(t, req)
	if !b.Omitted {
		t.Error("the body is in the trace")
	}
}
