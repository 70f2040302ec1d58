package auth

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	encore "encore.dev/beta/auth"
	"encore.dev/beta/errs"
	"encore.dev/et"
	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"

	"encore.app/auth/token"
	"encore.app/internal/fault"
	"encore.app/users"
)

const (
	audience = "https://api.encoreapp.com"
	clientID = "spa1localencore2logto"
)

// provider is an identity provider with one key.
type provider struct {
	*httptest.Server
	key  *ecdsa.PrivateKey
	down atomic.Bool
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	jwk, err := jwkset.NewJWKFromKey(key.Public(), jwkset.JWKOptions{
		Metadata: jwkset.JWKMetadataOptions{KID: "k1", ALG: jwkset.AlgES384, USE: jwkset.UseSig},
	})
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{key: key}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if p.down.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		if err := json.NewEncoder(w).Encode(jwkset.JWKSMarshal{Keys: []jwkset.JWKMarshal{jwk.Marshal()}}); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *provider) token(t *testing.T, subject, audience string) string {
	t.Helper()
	return p.sign(t, nil, jwt.MapClaims{"sub": subject, "aud": audience})
}

// sign returns an access token with some header parameters and claims replaced.
func (p *provider) sign(t *testing.T, header map[string]any, claims jwt.MapClaims) string {
	t.Helper()
	all := jwt.MapClaims{
		"iss": p.URL + "/oidc", "aud": audience, "sub": rand.Text(), "client_id": clientID,
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
		"jti": rand.Text(), "scope": "read:reports write:reports",
	}
	maps.Copy(all, claims)
	token := jwt.NewWithClaims(jwt.SigningMethodES384, all)
	maps.Copy(token.Header, map[string]any{"typ": "at+jwt", "kid": "k1"})
	maps.Copy(token.Header, header)
	signed, err := token.SignedString(p.key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func bearer(accessToken string) *Credentials {
	return &Credentials{Authorization: "Bearer " + accessToken}
}

func (p *provider) service(t *testing.T) *Service {
	t.Helper()
	return p.serviceWith(t, func(*settings) {})
}

func (p *provider) serviceWith(t *testing.T, change func(*settings)) *Service {
	t.Helper()
	settings := settings{
		issuer:     p.URL + "/oidc",
		jwksURI:    p.URL + "/oidc/jwks",
		audience:   audience,
		clientID:   clientID,
		cacheBytes: 1 << 20,
	}
	change(&settings)
	s, err := newService(settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Shutdown(t.Context()) })
	return s
}

func TestAuthHandler_CreatesUser(t *testing.T) {
	p := newProvider(t)
	s := p.service(t)
	subject := rand.Text()

	uid, data, err := s.AuthHandler(t.Context(), bearer(p.token(t, subject, audience)))
	if err != nil {
		t.Fatal(err)
	}
	if string(uid) != subject || data.ClientID != clientID || !slices.Equal(data.Scopes, []string{"read:reports", "write:reports"}) {
		t.Errorf("uid = %q, data = %+v", uid, data)
	}
	user, err := users.Ensure(t.Context(), &users.EnsureParams{LogtoID: subject})
	if err != nil {
		t.Fatal(err)
	}
	if data.UserID == 0 || data.UserID != user.ID {
		t.Errorf("user id = %d, row = %d", data.UserID, user.ID)
	}
}

func TestAuthHandler_RejectsToken(t *testing.T) {
	p := newProvider(t)
	s := p.service(t)
	at := func(d time.Duration) int64 { return time.Now().Add(d).Unix() }
	good := p.sign(t, nil, nil)
	tests := []struct{ name, accessToken, message string }{
		{"opaque token", strings.Repeat("x", 43),
			`access token is opaque: request it with the API resource as the "resource" parameter`},
		{"ID token", p.sign(t, map[string]any{"typ": "JWT"}, jwt.MapClaims{"aud": clientID}),
			"token is not an access token: send the access token for the API resource, not the ID token"},
		{"another audience", p.sign(t, nil, jwt.MapClaims{"aud": "https://other.example"}),
			"access token is for another audience: request it for this API resource"},
		{"another issuer", p.sign(t, nil, jwt.MapClaims{"iss": "https://other.example/oidc"}),
			"access token is from another issuer"},
		{"another application", p.sign(t, nil, jwt.MapClaims{"client_id": "other"}),
			"access token was issued to another application"},
		{"expired", p.sign(t, nil, jwt.MapClaims{"exp": at(-time.Hour)}),
			"access token has expired"},
		{"not yet valid", p.sign(t, nil, jwt.MapClaims{"nbf": at(time.Hour)}),
			"access token is not valid yet"},
		{"unknown key", p.sign(t, map[string]any{"kid": "k2"}, jwt.MapClaims{"iat": at(-time.Minute)}),
			"access token is signed with an unknown key"},
		{"forged", good[:len(good)-4] + "AAAA",
			"access token's signature is invalid"},
		{"garbage", "a.b.c",
			"access token is malformed"},
	}
	if _, _, err := s.AuthHandler(t.Context(), bearer(good)); err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := s.AuthHandler(t.Context(), bearer(tt.accessToken))
			wantError(t, err, errs.Unauthenticated, tt.message)
		})
	}
}

func TestToAPIError_Busy(t *testing.T) {
	err := newProvider(t).service(t).toAPIError(token.ErrBusy)
	wantError(t, err, errs.ResourceExhausted, "too many access tokens are being verified: try again in a moment")
	if details := errs.Details(err); details != (fault.RetryAfter{RetryAfter: 1}) {
		t.Errorf("details = %+v", details)
	}
}

// A cached person costs no SQL.
func TestAuthHandler_CachedPerson(t *testing.T) {
	p := newProvider(t)
	s := p.service(t)
	accessToken := p.token(t, rand.Text(), audience)

	_, first, err := s.AuthHandler(t.Context(), bearer(accessToken))
	if err != nil {
		t.Fatal(err)
	}
	lookups := 0
	ensureUser := s.people.ensureUser
	s.people.ensureUser = func(ctx context.Context, p *users.EnsureParams) (*users.EnsureResponse, error) {
		lookups++
		return ensureUser(ctx, p)
	}
	// Once the change log has been polled, the person is cached.
	for before := -1; before != lookups; {
		before = lookups
		_, again, err := s.AuthHandler(t.Context(), bearer(accessToken))
		if err != nil {
			t.Fatal(err)
		}
		if again.UserID != first.UserID {
			t.Errorf("user id = %d, first = %d", again.UserID, first.UserID)
		}
	}

	// A lookup fails with this context.
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err = s.AuthHandler(cancelled, bearer(p.token(t, rand.Text(), audience)))
	wantError(t, err, errs.Canceled, "the call was canceled")
}

func TestAuthHandler_Machine(t *testing.T) {
	p := newProvider(t)
	s := p.service(t)
	uid, data, err := s.AuthHandler(t.Context(), bearer(p.token(t, clientID, audience)))
	if err != nil {
		t.Fatal(err)
	}
	if uid != clientID || data.UserID != 0 || data.ClientID != clientID || len(data.Scopes) != 2 {
		t.Errorf("uid = %q, data = %+v", uid, data)
	}
	if n := s.people.cache.EstimatedSize(); n != 0 {
		t.Errorf("%d people are cached", n)
	}
}

func TestAuthHandler_Claims(t *testing.T) {
	p := newProvider(t)
	s := p.service(t)
	_, data, err := s.AuthHandler(t.Context(), bearer(p.sign(t, nil, jwt.MapClaims{
		"organization_id": "orgacme00001", "roles": []string{"report-editor"},
	})))
	if err != nil {
		t.Fatal(err)
	}
	want := Data{
		UserID: data.UserID, ClientID: clientID, Scopes: []string{"read:reports", "write:reports"}, OrganizationID: "orgacme00001",
		Roles: []string{"report-editor"}, Audiences: []string{audience}, ExpiresAt: data.ExpiresAt,
	}
	if !reflect.DeepEqual(*data, want) {
		t.Errorf("data = %+v, want %+v", *data, want)
	}
}

// The token is rejected with the default settings.
func TestAuthHandler_Settings(t *testing.T) {
	p := newProvider(t)
	accessToken := bearer(p.sign(t, nil, jwt.MapClaims{
		"aud": "urn:logto:organization:orgacme00001", "client_id": "other", "https://example.com/roles": []string{"admin"},
	}))
	if _, _, err := p.service(t).AuthHandler(t.Context(), accessToken); errs.Code(err) != errs.Unauthenticated {
		t.Errorf("err = %v", err)
	}
	s := p.serviceWith(t, func(s *settings) {
		s.organizationTokens = true
		s.clientIDs = []string{"other"}
		s.customClaimPrefix = "https://example.com/"
	})
	_, data, err := s.AuthHandler(t.Context(), accessToken)
	if err != nil {
		t.Fatal(err)
	}
	if data.OrganizationID != "orgacme00001" || data.ClientID != "other" || !slices.Equal(data.Roles, []string{"admin"}) {
		t.Errorf("data = %+v", data)
	}
}

func TestAuthHandler_Auth0(t *testing.T) {
	p := newProvider(t)
	s := p.serviceWith(t, func(s *settings) { s.provider, s.issuer = "auth0", p.URL+"/" })
	for subject, isPerson := range map[string]bool{"auth0|" + rand.Text(): true, clientID + "@clients": false} {
		uid, data, err := s.AuthHandler(t.Context(), bearer(p.sign(t, map[string]any{"typ": "JWT"}, jwt.MapClaims{
			"iss": p.URL + "/", "sub": subject, "aud": []string{audience, p.URL + "/userinfo"},
			"azp": clientID, "client_id": nil, "permissions": []string{"read:users"},
		})))
		if err != nil {
			t.Fatal(err)
		}
		if string(uid) != subject || (data.UserID != 0) != isPerson || !slices.Equal(data.Scopes, []string{"read:reports", "write:reports", "read:users"}) &&
			!slices.Equal(data.Scopes, []string{"read:users", "read:reports", "write:reports"}) {
			t.Errorf("uid = %q, data = %+v", uid, data)
		}
	}
}

// The profile in the newest token is saved. Missing claims don't erase anything.
func TestAuthHandler_Profile(t *testing.T) {
	p := newProvider(t)
	s := p.service(t)
	subject := rand.Text()
	call := func(age time.Duration, claims jwt.MapClaims) {
		t.Helper()
		claims["sub"], claims["iat"] = subject, time.Now().Add(-age).Unix()
		if _, _, err := s.AuthHandler(t.Context(), bearer(p.sign(t, nil, claims))); err != nil {
			t.Fatal(err)
		}
	}
	et.OverrideAuthInfo(encore.UID(subject), &Data{})
	row := func(wantName, wantEmail string) {
		t.Helper()
		user, err := users.Me(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if deref(user.Name) != wantName || deref(user.Email) != wantEmail {
			t.Errorf("name = %q, email = %q, want %q, %q", deref(user.Name), deref(user.Email), wantName, wantEmail)
		}
	}
	call(time.Hour, jwt.MapClaims{})
	row("", "")
	call(50*time.Minute, jwt.MapClaims{"name": "Alice", "email": "alice@example.com"})
	row("Alice", "alice@example.com")
	call(40*time.Minute, jwt.MapClaims{"name": "Alice Liddell", "email": nil})
	row("Alice Liddell", "alice@example.com")
	call(30*time.Minute, jwt.MapClaims{"name": []int{1}, "email": "a\x00b"})
	row("Alice Liddell", "alice@example.com")
	call(45*time.Minute, jwt.MapClaims{"name": "the older"})
	row("Alice Liddell", "alice@example.com")
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// A deleted person gets a new row on the next call.
func TestAuthHandler_DeletedAccount(t *testing.T) {
	p := newProvider(t)
	s := p.service(t)
	subject := rand.Text()
	accessToken := bearer(p.token(t, subject, audience))
	_, before, err := s.AuthHandler(t.Context(), accessToken)
	if err != nil {
		t.Fatal(err)
	}
	et.OverrideAuthInfo(encore.UID(subject), before)
	if err := users.Forget(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, after, err := s.AuthHandler(t.Context(), accessToken)
	if err != nil {
		t.Fatal(err)
	}
	if after.UserID == before.UserID || after.UserID == 0 {
		t.Errorf("user id = %d after %d", after.UserID, before.UserID)
	}
}

func TestAuthHandler_LockedOut(t *testing.T) {
	p := newProvider(t)
	s := p.service(t)
	var user users.EnsureResponse
	s.people.ensureUser = func(context.Context, *users.EnsureParams) (*users.EnsureResponse, error) { return &user, nil }
	accessToken := p.token(t, rand.Text(), audience)
	wantLockedOut := func(code errs.ErrCode, message string) {
		t.Helper()
		uid, data, err := s.AuthHandler(t.Context(), bearer(accessToken))
		wantError(t, err, code, message)
		if uid != "" || data != nil {
			t.Errorf("uid = %q, data = %+v", uid, data)
		}
		resp, err := s.Verify(t.Context(), &VerifyParams{Token: accessToken})
		wantError(t, err, code, message)
		if resp != nil {
			t.Errorf("response = %+v", resp)
		}
	}
	user.ID, user.Suspended = 7, true
	wantLockedOut(errs.PermissionDenied, "your account is suspended")
	if details := errs.Details(errSuspended); details != (LockedOut{Suspended: true}) {
		t.Errorf("details = %+v", details)
	}
	s.people.generation.Add(1)
	user = users.EnsureResponse{Deleted: true}
	wantLockedOut(errs.Unauthenticated, "your account was deleted")
	s.people.generation.Add(1)
	user = users.EnsureResponse{Deleted: true, Suspended: true}
	wantLockedOut(errs.Unauthenticated, "your account was deleted")
}

func TestAuthHandler_Credentials(t *testing.T) {
	p := newProvider(t)
	s := p.service(t)
	good := p.sign(t, nil, nil)
	const malformed = "access token is malformed"
	for header, message := range map[string]string{
		"Bearer " + good: "",
		"bearer " + good: "",
		"BEARER " + good: "",
		"bEaReR " + good: "",

		"":                      "invalid auth param",
		"Bearer":                "invalid auth param",
		"Bearer ":               "invalid auth param",
		good:                    "invalid auth param",
		" Bearer " + good:       "invalid auth param",
		"Bearer\t" + good:       "invalid auth param",
		"Token " + good:         "invalid auth param",
		"Basic " + good:         "invalid auth param",
		"Bearer  " + good:       malformed,
		"Bearer " + good + " ":  malformed,
		"Bearer Bearer " + good: malformed,
	} {
		uid, data, err := s.AuthHandler(t.Context(), &Credentials{Authorization: header})
		switch {
		case message == "" && (err != nil || uid == "" || data == nil):
			t.Errorf("%q: %v", header, err)
		case message != "":
			wantError(t, err, errs.Unauthenticated, message)
			if uid != "" || data != nil {
				t.Errorf("%q: uid = %q, data = %+v", header, uid, data)
			}
		}
	}
}

// Encore writes the credentials into traces.
func TestCredentials_MarshalJSON(t *testing.T) {
	if data, err := json.Marshal(bearer("secret")); err != nil || string(data) != "{}" {
		t.Errorf("%s, err = %v", data, err)
	}
}

// Each reason is logged at most once per second, without the token.
func TestLogRejection(t *testing.T) {
	p := newProvider(t)
	s := p.service(t)
	var lines []string
	s.rejections = fault.NewLines(func(message string, about ...any) {
		lines = append(lines, fmt.Sprintln(append([]any{message}, about...)...))
	})
	reject := func(claims jwt.MapClaims) {
		t.Helper()
		_, _, err := s.AuthHandler(t.Context(), bearer(p.sign(t, nil, claims)))
		if errs.Code(err) != errs.Unauthenticated {
			t.Fatal(err)
		}
	}
	reject(jwt.MapClaims{"iss": p.URL + "/oidc/"})
	reject(jwt.MapClaims{"iss": "https://other.example/"})
	reject(jwt.MapClaims{"client_id": "evil\n" + strings.Repeat("x", 5000)})
	reject(jwt.MapClaims{"exp": 1})
	want := []string{
		fmt.Sprintf("access token rejected: issuer reason issuer expected %q received %q count 1\n", p.URL+"/oidc", p.URL+"/oidc/"),
		fmt.Sprintf("access token rejected: client_id reason client_id expected %q received %q count 1\n", clientID, "evil\n"+strings.Repeat("x", 195)),
		"access token rejected: expired reason expired count 1\n",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("lines = %q\nwant %q", lines, want)
	}
}

func TestVerify(t *testing.T) {
	p := newProvider(t)
	s := p.service(t)
	subject := rand.Text()
	accessToken := p.sign(t, nil, jwt.MapClaims{"sub": subject, "organization_id": "orgacme00001", "exp": time.Now().Add(time.Hour).Unix()})
	uid, data, err := s.AuthHandler(t.Context(), bearer(accessToken))
	if err != nil {
		t.Fatal(err)
	}
	for _, anyAudience := range []bool{false, true} {
		got, err := s.Verify(t.Context(), &VerifyParams{Token: accessToken, AnyAudience: anyAudience})
		if err != nil {
			t.Fatal(err)
		}
		if got.Subject != string(uid) || !reflect.DeepEqual(got.Data, data) || !slices.Equal(data.Audiences, []string{audience}) ||
			time.Until(data.ExpiresAt).Round(time.Minute) != time.Hour {
			t.Errorf("response = %+v, data = %+v, want %+v", got, got.Data, data)
		}
	}
	machine, err := s.Verify(t.Context(), &VerifyParams{Token: p.token(t, clientID, audience)})
	if err != nil {
		t.Fatal(err)
	}
	if machine.Subject != clientID || machine.Data.UserID != 0 {
		t.Errorf("machine = %+v, %+v", machine, machine.Data)
	}

	other := p.token(t, subject, "https://other.example")
	_, err = s.Verify(t.Context(), &VerifyParams{Token: other})
	wantError(t, err, errs.Unauthenticated, "access token is for another audience: request it for this API resource")
	got, err := s.Verify(t.Context(), &VerifyParams{Token: other, AnyAudience: true})
	if err != nil {
		t.Fatal(err)
	}
	if got.Subject != subject || got.Data.UserID != data.UserID || !slices.Equal(got.Data.Audiences, []string{"https://other.example"}) {
		t.Errorf("response = %+v, %+v", got, got.Data)
	}
	stranger := rand.Text()
	other = p.sign(t, nil, jwt.MapClaims{"sub": stranger, "aud": "https://other.example"})
	for range 2 {
		got, err = s.Verify(t.Context(), &VerifyParams{Token: other, AnyAudience: true})
		if err != nil || got.Subject != stranger || got.Data.UserID != 0 {
			t.Errorf("response = %+v, err = %v, want no user row", got, err)
		}
	}
	if _, data, err = s.AuthHandler(t.Context(), bearer(p.token(t, stranger, audience))); err != nil || data.UserID == 0 {
		t.Errorf("data = %+v, err = %v", data, err)
	}
	_, err = s.Verify(t.Context(), &VerifyParams{})
	wantError(t, err, errs.Unauthenticated, `access token is opaque: request it with the API resource as the "resource" parameter`)
	_, err = s.Verify(t.Context(), &VerifyParams{Token: "a.b.c", AnyAudience: true})
	wantError(t, err, errs.Unauthenticated, "access token is malformed")
}

func TestAuthHandler_ProviderDown(t *testing.T) {
	p := newProvider(t)
	p.down.Store(true)
	s := p.service(t)
	accessToken := p.token(t, rand.Text(), audience)

	_, _, err := s.AuthHandler(t.Context(), bearer(accessToken))
	wantError(t, err, errs.Unavailable, "the identity provider can't be reached: try again in a moment")

	p.down.Store(false)
	deadline := time.Now().Add(10 * time.Second)
	for time.Now().Before(deadline) {
		if _, _, err = s.AuthHandler(t.Context(), bearer(accessToken)); err == nil {
			return
		}
	}
	t.Errorf("after the provider came back: %v", err)
}

func wantError(t *testing.T, err error, code errs.ErrCode, message string) {
	t.Helper()
	e, ok := err.(*errs.Error)
	if !ok || e.Code != code || e.ErrorMessage() != message {
		t.Errorf("err = %v, want %s: %s", err, code, message)
	}
}

func TestInitService(t *testing.T) {
	s, err := initService()
	if err != nil {
		t.Fatal(err)
	}
	s.Shutdown(t.Context())
}

func TestNewService_InvalidSettings(t *testing.T) {
	good := settings{
		issuer:   "http://localhost:3001/oidc",
		jwksURI:  "http://localhost:3001/oidc/jwks",
		audience: audience,
		clientID: clientID,
	}
	tests := []struct {
		want   string
		change func(*settings)
	}{
		{"Issuer is empty", func(s *settings) { s.issuer = "" }},
		{"JwksUri is empty", func(s *settings) { s.jwksURI = "" }},
		{"ApiResourceIndicator is empty", func(s *settings) { s.audience = "" }},
		{"ClientId is empty", func(s *settings) { s.clientID = "" }},
		{`the Provider "okta" is not supported`, func(s *settings) { s.provider = "okta" }},
		{`the Audience is a ClientID: that is the audience of ID tokens`, func(s *settings) { s.clientIDs = []string{audience} }},
		{`OrganizationTokens is for Logto only`, func(s *settings) {
			s.provider, s.issuer, s.organizationTokens = "auth0", "https://tenant.auth0.com/", true
		}},
		{`the Algorithm "HS256" is not supported`, func(s *settings) { s.algorithms = []string{"HS256"} }},
		{"the Leeway 1m1s is not between 0 and 1m0s", func(s *settings) { s.clockSkew = 61 * time.Second }},
		{`the Issuer "localhost" is not an absolute http or https URL`, func(s *settings) { s.issuer = "localhost" }},
		{`JwksUri: "ftp://x/jwks" is not an absolute http or https URL`, func(s *settings) { s.jwksURI = "ftp://x/jwks" }},
	}
	for _, tt := range tests {
		s := good
		tt.change(&s)
		if _, err := newService(s); err == nil || err.Error() != tt.want {
			t.Errorf("err = %v, want %s", err, tt.want)
		}
	}
}
