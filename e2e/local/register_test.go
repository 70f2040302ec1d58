package local

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"encore.app/e2e/people"
)

const password = "a-password-for-tests"

var interactionField = regexp.MustCompile(`name="interaction" value="([^"]+)"`)

// register creates an account on the provider's register page, as a browser
// does, and returns the person's access token.
func register(t *testing.T) string {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	const callback = "http://localhost:5173/callback"
	browser := &http.Client{Jar: jar, CheckRedirect: func(req *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(req.URL.String(), callback) {
			return http.ErrUseLastResponse // it leads back to the application, which need not run
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
	if resp, page := load(t, browser, "GET", issuer+"/auth?"+authorize.Encode(), nil); resp.StatusCode != http.StatusOK {
		t.Fatalf("no sign-in page: status %d: %s", resp.StatusCode, page)
	}
	registerPage := strings.TrimSuffix(issuer, "/oidc") + "/register"
	_, page := load(t, browser, "GET", registerPage, nil)
	field := interactionField.FindStringSubmatch(page)
	if field == nil {
		t.Fatalf("no register page: %s", page)
	}
	username := "person_" + strings.ToLower(rand.Text())
	resp, page := load(t, browser, "POST", registerPage, url.Values{
		"username": {username}, "password": {password}, "interaction": {field[1]},
	})
	if !strings.HasPrefix(resp.Header.Get("Location"), callback) {
		t.Fatalf("not registered: status %d: %s", resp.StatusCode, page)
	}
	return people.FromProvider(t, username, "--password", password)
}

func load(t *testing.T, browser *http.Client, method, address string, form url.Values) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := browser.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(page)
}
