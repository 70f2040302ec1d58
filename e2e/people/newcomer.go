package people

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
)

// Organizations of the local identity provider, and a role that may read and write
// in them. Alice is an admin of acme and a viewer of globex.
const (
	Acme              = "orgacme00001"
	Globex            = "orgglobex001"
	OrganizationAdmin = "orgroleadmin000000001"
)

const newcomersPassword = "a-password-for-tests"

var interactionField = regexp.MustCompile(`name="interaction" value="([^"]+)"`)

// Newcomer is somebody who registered with the local identity provider. They have
// the default roles.
type Newcomer struct {
	ID, Username string
}

// Issuer returns ISSUER, or the issuer that `make run` starts.
func Issuer() string { return cmp.Or(os.Getenv("ISSUER"), "http://localhost:3001/oidc") }

func provider() string { return strings.TrimSuffix(Issuer(), "/oidc") }

// Register creates an account on the local identity provider's register page, as
// a browser does.
func Register(t testing.TB) Newcomer {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	callback := cmp.Or(os.Getenv("SPA_ORIGIN"), "http://localhost:5173") + "/callback"
	browser := &http.Client{Jar: jar, CheckRedirect: func(req *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(req.URL.String(), callback) {
			return http.ErrUseLastResponse // the React app need not run
		}
		return nil
	}}

	challenge := sha256.Sum256([]byte(rand.Text()))
	authorize := url.Values{
		"client_id":             {"spa1localencore2logto"},
		"redirect_uri":          {callback},
		"response_type":         {"code"},
		"scope":                 {"openid"},
		"prompt":                {"login"},
		"code_challenge":        {base64.RawURLEncoding.EncodeToString(challenge[:])},
		"code_challenge_method": {"S256"},
	}
	if resp, page := load(t, browser, "GET", Issuer()+"/auth?"+authorize.Encode(), nil); resp.StatusCode != http.StatusOK {
		t.Fatalf("no sign-in page: status %d: %s", resp.StatusCode, page)
	}
	registerPage := provider() + "/register"
	_, page := load(t, browser, "GET", registerPage, nil)
	field := interactionField.FindStringSubmatch(page)
	if field == nil {
		t.Fatalf("no register page: %s", page)
	}
	username := "person_" + strings.ToLower(rand.Text())
	resp, page := load(t, browser, "POST", registerPage, url.Values{
		"username": {username}, "password": {newcomersPassword}, "interaction": {field[1]},
	})
	if !strings.HasPrefix(resp.Header.Get("Location"), callback) {
		t.Fatalf("not registered: status %d: %s", resp.StatusCode, page)
	}
	n := Newcomer{Username: username}
	n.ID = Subject(t, n.Token(t))
	return n
}

func load(t testing.TB, browser *http.Client, method, address string, form url.Values) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return send(t, browser, req)
}

func send(t testing.TB, client *http.Client, req *http.Request) (*http.Response, string) {
	t.Helper()
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

// Token signs in and returns an access token. The arguments are those of
// dev/logto/src/token.js.
func (n Newcomer) Token(t testing.TB, args ...string) string {
	t.Helper()
	return FromProvider(t, append([]string{n.Username, "--password", newcomersPassword}, args...)...)
}

func (n Newcomer) Join(t testing.TB, organization, role string) {
	t.Helper()
	members := "/organizations/" + organization + "/users"
	Manage(t, "POST", members, map[string]any{"userIds": []string{n.ID}}, nil)
	Manage(t, "POST", members+"/"+n.ID+"/roles", map[string]any{"organizationRoleIds": []string{role}}, nil)
}

// Manage calls the Management API and decodes the response. body and into may be
// nil.
func Manage(t testing.TB, method, path string, body, into any) {
	t.Helper()
	var data []byte
	if body != nil {
		var err error
		if data, err = json.Marshal(body); err != nil {
			t.Fatal(err)
		}
	}
	req, err := http.NewRequest(method, provider()+"/api"+path, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+ManagementToken(t))
	resp, answer := send(t, http.DefaultClient, req)
	if resp.StatusCode >= http.StatusMultipleChoices {
		t.Fatalf("%s %s: status %d: %s", method, path, resp.StatusCode, answer)
	}
	if into != nil {
		if err := json.Unmarshal([]byte(answer), into); err != nil {
			t.Fatal(err)
		}
	}
}

// ManagementToken returns a token for the Management API.
func ManagementToken(t testing.TB) string {
	t.Helper()
	form := url.Values{
		"grant_type": {"client_credentials"},
		"resource":   {"https://default.logto.app/api"},
		"scope":      {"all"},
	}
	req, err := http.NewRequest("POST", Issuer()+"/token", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("m2m1localencore2logto", "local-development-only-not-a-secret")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, body := send(t, http.DefaultClient, req)
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil || answer.AccessToken == "" {
		t.Fatalf("no token: status %d: %s", resp.StatusCode, body)
	}
	return answer.AccessToken
}
