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

// ManagementConfig says where Logto's Management API is and who reads it.
type ManagementConfig struct {
	// Endpoint is Logto's address.
	Endpoint string
	// Resource is the API's indicator, for which tokens are requested.
	Resource string
	// ClientID and Secret are those of the machine-to-machine application.
	ClientID, Secret string
	// RetryWait is the pause before a failed request is sent again. It doubles
	// each time. 0 stands for half a second.
	RetryWait time.Duration
}

// ErrNotConfigured says that a value is missing without which the Management API
// can't be used.
var ErrNotConfigured = errors.New("the Management API is not configured")

// Management is a client of Logto's Management API. It is safe for concurrent use.
type Management struct {
	endpoint    string
	credentials clientcredentials.Config
	client      *retryablehttp.Client
	tokenClient *retryablehttp.Client // of the token endpoint

	mu    sync.Mutex
	token *oauth2.Token // the one in use, or nil
}

// NewManagement returns a client. If a value is missing or is not one, it returns
// an error that wraps ErrNotConfigured and names it.
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
		// Without a token nothing is begun, so the caller learns soon that Logto
		// can't be reached.
		tokenClient: newRetryingClient(3, wait),
	}, nil
}

const (
	// requestTimeout bounds a request, with all repetitions.
	requestTimeout = time.Minute
	// requestAttemptTimeout is the part of it for each.
	requestAttemptTimeout = 30 * time.Second
	// maxRetryAfter is how long the API can make its caller wait.
	maxRetryAfter = 30 * time.Second
)

// newRetryingClient returns a client that sends a request again, up to so many
// times, after 429, 5xx and failures of the network.
func newRetryingClient(times int, wait time.Duration) *retryablehttp.Client {
	client := retryablehttp.NewClient()
	client.Logger = nil
	client.RetryMax = times
	client.RetryWaitMin, client.RetryWaitMax = wait, 40*wait
	client.Backoff = boundedBackoff
	client.ErrorHandler = retryablehttp.PassthroughErrorHandler
	client.HTTPClient.Timeout = requestAttemptTimeout
	client.HTTPClient.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return client
}

func boundedBackoff(least, most time.Duration, attempt int, resp *http.Response) time.Duration {
	return min(retryablehttp.DefaultBackoff(least, most, attempt, resp), maxRetryAfter)
}

// PageSize is the size of the pages that Users returns, the largest that Logto allows.
const PageSize = 100

// Users returns a page of the people, newest first, from page 1 on, and how many
// there are on all pages.
func (m *Management) Users(ctx context.Context, page int) (users []User, total int, err error) {
	header, err := m.get(ctx, fmt.Sprintf("/api/users?page=%d&page_size=%d", page, PageSize), &users)
	if err != nil {
		return nil, 0, err
	}
	if total, err = strconv.Atoi(header.Get("Total-Number")); err != nil || total < 0 {
		return nil, 0, errors.New("the Management API doesn't say how many people there are")
	}
	return users, total, nil
}

// ErrNoSuchUser says that Logto knows nobody with the id.
var ErrNoSuchUser = errors.New("no such user")

// User returns a person. It returns ErrNoSuchUser only if Logto says so itself.
func (m *Management) User(ctx context.Context, id string) (*User, error) {
	u := new(User)
	if _, err := m.get(ctx, "/api/users/"+url.PathEscape(id), u); err != nil {
		return nil, err
	}
	if u.ID != id {
		return nil, errors.New("the Management API answers with another person")
	}
	return u, nil
}

// CheckTenant returns an error unless the Management API is certainly that of the
// tenant whose keys are at jwksURI. A tenant signs the API's tokens and those of
// people with the same keys, while its address may differ from the issuer of
// people's tokens.
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
		return fmt.Errorf("the Management API in users/config.cue can't be taken for that of the tenant in auth/config.cue: %w", err)
	}
	return nil
}

// get reads the JSON at the path into a value.
func (m *Management) get(ctx context.Context, path string, into any) (http.Header, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	resp, err := m.send(ctx, path)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	// A page holds the custom data of 100 people, too.
	const maxAnswer = 32 << 20
	body := io.LimitReader(resp.Body, maxAnswer)
	if resp.StatusCode != http.StatusOK {
		return nil, refusedBy(resp.StatusCode, body)
	}
	if err := json.NewDecoder(body).Decode(into); err != nil {
		return nil, fmt.Errorf("the Management API's answer to %s: %w", path, err)
	}
	return resp.Header, nil
}

// send sends a request with a token. If the token has become invalid it does so
// once more with another.
func (m *Management) send(ctx context.Context, path string) (*http.Response, error) {
	var refused *oauth2.Token
	for {
		token, err := m.accessToken(ctx, refused)
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
		if resp.StatusCode != http.StatusUnauthorized || refused != nil {
			return resp, nil
		}
		resp.Body.Close()
		refused = token
	}
}

// accessToken returns the token in use, or another if that has expired or is the
// one that was refused.
func (m *Management) accessToken(ctx context.Context, refused *oauth2.Token) (*oauth2.Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.token.Valid() && m.token != refused {
		return m.token, nil
	}
	token, err := m.credentials.Token(context.WithValue(ctx, oauth2.HTTPClient, m.tokenClient.StandardClient()))
	if err != nil {
		return nil, fmt.Errorf("no token for the Management API: %w", err)
	}
	m.token = token
	return token, nil
}

// refusedBy returns the error of an answer other than 200.
func refusedBy(status int, body io.Reader) error {
	var answer struct {
		Code string `json:"code"`
	}
	if err := json.NewDecoder(body).Decode(&answer); err != nil {
		answer.Code = "not an answer of Logto's"
	}
	// Another 404, such as that of a wrong address, says nothing of the person.
	if status == http.StatusNotFound && answer.Code == "entity.not_found" {
		return ErrNoSuchUser
	}
	return fmt.Errorf("the Management API answers %d (%.100q)", status, answer.Code)
}
