package logto

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"encore.app/auth/token"
)

type ManagementConfig struct {
	Endpoint         string // Logto's address
	Resource         string // the Management API's resource indicator
	ClientID, Secret string // of the machine-to-machine application
	// RetryWait is the pause before the first retry of a request. It doubles each
	// time. The default is 500 ms.
	RetryWait time.Duration
}

// ErrNotConfigured means that a configuration value is missing or invalid.
var ErrNotConfigured = errors.New("the Management API is not configured")

type Management struct {
	endpoint    string
	credentials clientcredentials.Config
	client      *retryablehttp.Client
	tokenClient *retryablehttp.Client // for the token endpoint

	mu    sync.Mutex
	token *oauth2.Token // nil before the first request
}

// NewManagement returns an error that wraps ErrNotConfigured if a value is not valid.
func NewManagement(cfg ManagementConfig) (*Management, error) {
	for _, field := range []struct{ name, value string }{
		{"ManagementEndpoint in users/config.cue", cfg.Endpoint},
		{"ManagementResource in users/config.cue", cfg.Resource},
		{"ManagementClientId in users/config.cue", cfg.ClientID},
		{"the secret LogtoManagementSecret", cfg.Secret},
	} {
		if field.value == "" {
			return nil, fmt.Errorf("%w: %s is empty", ErrNotConfigured, field.name)
		}
	}
	address, err := url.Parse(cfg.Endpoint)
	if err != nil || address.Host == "" || (address.Scheme != "https" && address.Scheme != "http") {
		return nil, fmt.Errorf("%w: ManagementEndpoint in users/config.cue is not an absolute http or https URL", ErrNotConfigured)
	}
	endpoint := strings.TrimSuffix(cfg.Endpoint, "/")
	wait := cmp.Or(cfg.RetryWait, 500*time.Millisecond)

	return &Management{
		endpoint: endpoint,
		credentials: clientcredentials.Config{
			ClientID:       cfg.ClientID,
			ClientSecret:   cfg.Secret,
			TokenURL:       endpoint + "/oidc/token",
			Scopes:         []string{"all"},
			EndpointParams: url.Values{"resource": {cfg.Resource}},
			AuthStyle:      oauth2.AuthStyleInHeader,
		},
		client: newRetryingClient(6, wait),
		// Fewer retries: the caller should soon learn that Logto is down.
		tokenClient: newRetryingClient(3, wait),
	}, nil
}

const (
	requestTimeout = time.Minute // with retries
	attemptTimeout = 30 * time.Second
	maxRetryAfter  = 30 * time.Second // a longer Retry-After is reduced to this
)

func newRetryingClient(maxRetries int, wait time.Duration) *retryablehttp.Client {
	client := retryablehttp.NewClient()
	client.Logger = nil
	client.RetryMax = maxRetries
	client.RetryWaitMin, client.RetryWaitMax = wait, 40*wait
	client.Backoff = boundedBackoff
	client.ErrorHandler = retryablehttp.PassthroughErrorHandler
	client.HTTPClient.Timeout = attemptTimeout
	client.HTTPClient.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return client
}

func boundedBackoff(minWait, maxWait time.Duration, attempt int, resp *http.Response) time.Duration {
	return min(retryablehttp.DefaultBackoff(minWait, maxWait, attempt, resp), maxRetryAfter)
}

// PageSize is the page size of Users: the largest that Logto allows.
const PageSize = 100

// Users returns a page of people, newest first, and the total number. Pages start at 1.
func (m *Management) Users(ctx context.Context, page int) (users []User, total int, err error) {
	header, err := m.get(ctx, fmt.Sprintf("/api/users?page=%d&page_size=%d", page, PageSize), &users)
	if err != nil {
		return nil, 0, err
	}
	if total, err = strconv.Atoi(header.Get("Total-Number")); err != nil || total < 0 {
		return nil, 0, errors.New("the Management API's answer has no valid Total-Number header")
	}
	return users, total, nil
}

var ErrNoSuchUser = errors.New("no such user")

// User returns ErrNoSuchUser only if Logto itself says so, not for any other 404.
func (m *Management) User(ctx context.Context, id string) (*User, error) {
	u := new(User)
	if _, err := m.get(ctx, "/api/users/"+url.PathEscape(id), u); err != nil {
		return nil, err
	}
	if u.ID != id {
		return nil, errors.New("the Management API answered with another person")
	}
	return u, nil
}

// CheckTenant returns an error unless the Management API belongs to the tenant whose
// keys are at jwksURI: it verifies the signature of a Management API token. It can't
// compare addresses, because the endpoint may differ from the issuer.
func (m *Management) CheckTenant(ctx context.Context, jwksURI string) error {
	managementToken, err := m.accessToken(ctx, nil)
	if err != nil {
		return err
	}
	keys, err := token.NewRemoteKeySet(jwksURI, func(error) {})
	if err != nil {
		return err
	}
	defer keys.Close()
	if _, err := keys.VerifySignature(ctx, managementToken.AccessToken); err != nil {
		return fmt.Errorf("can't verify that the Management API in users/config.cue belongs to the tenant in auth/config.cue: %w", err)
	}
	return nil
}

func (m *Management) get(ctx context.Context, path string, into any) (http.Header, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	resp, err := m.send(ctx, path)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	// A page includes the custom data of 100 people.
	const maxAnswer = 32 << 20
	body := io.LimitReader(resp.Body, maxAnswer)
	if resp.StatusCode != http.StatusOK {
		return nil, responseError(resp.StatusCode, body)
	}
	if err := json.NewDecoder(body).Decode(into); err != nil {
		return nil, fmt.Errorf("decode the Management API's answer to %s: %w", path, err)
	}
	return resp.Header, nil
}

// send retries once with a new token if the answer is 401.
func (m *Management) send(ctx context.Context, path string) (*http.Response, error) {
	var rejected *oauth2.Token
	for {
		token, err := m.accessToken(ctx, rejected)
		if err != nil {
			return nil, err
		}
		req, err := retryablehttp.NewRequestWithContext(ctx, http.MethodGet, m.endpoint+path, nil)
		if err != nil {
			return nil, err
		}
		token.SetAuthHeader(req.Request)
		resp, err := m.client.Do(req)
		if err != nil {
			return nil, err
		}
		if resp.StatusCode != http.StatusUnauthorized || rejected != nil {
			return resp, nil
		}
		resp.Body.Close()
		rejected = token
	}
}

// accessToken returns a new token if the current one has expired or is the rejected one.
func (m *Management) accessToken(ctx context.Context, rejected *oauth2.Token) (*oauth2.Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.token.Valid() && m.token != rejected {
		return m.token, nil
	}
	token, err := m.credentials.Token(context.WithValue(ctx, oauth2.HTTPClient, m.tokenClient.StandardClient()))
	if err != nil {
		return nil, fmt.Errorf("get a token for the Management API: %w", err)
	}
	m.token = token
	return token, nil
}

func responseError(status int, body io.Reader) error {
	var answer struct {
		Code string `json:"code"`
	}
	if err := json.NewDecoder(body).Decode(&answer); err != nil {
		answer.Code = "not a Logto error"
	}
	// Any other 404 may mean a wrong address, not a missing person.
	if status == http.StatusNotFound && answer.Code == "entity.not_found" {
		return ErrNoSuchUser
	}
	return fmt.Errorf("the Management API answered %d (%.100q)", status, answer.Code)
}
