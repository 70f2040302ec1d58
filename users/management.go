package users

import (
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

	"encore.dev/config"
	"github.com/hashicorp/go-retryablehttp"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// Config says where Logto's Management API is. Its values are in config.cue; the
// secret is LogtoManagementSecret.
type Config struct {
	// ManagementEndpoint is Logto's address. Empty: the API is not used.
	ManagementEndpoint config.String
	// ManagementResource is the API's indicator, for which tokens are asked.
	ManagementResource config.String
	// ManagementClientId is the machine-to-machine application.
	ManagementClientId config.String
}

var cfg = config.Load[*Config]()

// management is Logto's Management API, as far as it is used here: people are read.
type management struct {
	endpoint    string
	credentials clientcredentials.Config
	client      *retryablehttp.Client
	tokenClient *retryablehttp.Client // of the token endpoint

	mu    sync.Mutex
	token *oauth2.Token // the one in use, or nil
}

// errNotConfigured says that the Management API is not to be used, or what is
// missing for that.
var errNotConfigured = errors.New("the Management API is not configured")

// configuredManagement returns the API of the configuration, or an error that
// is errNotConfigured.
func configuredManagement() (*management, error) {
	return newManagement(cfg.ManagementEndpoint(), cfg.ManagementResource(), cfg.ManagementClientId(), secrets.LogtoManagementSecret)
}

func newManagement(endpoint, resource, clientID, secret string) (*management, error) {
	for _, value := range []struct{ name, value string }{
		{"ManagementEndpoint in users/config.cue", endpoint},
		{"ManagementResource in users/config.cue", resource},
		{"ManagementClientId in users/config.cue", clientID},
		{"the secret LogtoManagementSecret", secret},
	} {
		if value.value == "" {
			return nil, fmt.Errorf("%w: %s is empty", errNotConfigured, value.name)
		}
	}
	address, err := url.Parse(endpoint)
	if err != nil || address.Host == "" || (address.Scheme != "https" && address.Scheme != "http") {
		return nil, fmt.Errorf("%w: ManagementEndpoint in users/config.cue is not an absolute http or https URL", errNotConfigured)
	}
	endpoint = strings.TrimSuffix(endpoint, "/")

	return &management{
		endpoint: endpoint,
		credentials: clientcredentials.Config{
			ClientID:       clientID,
			ClientSecret:   secret,
			TokenURL:       endpoint + "/oidc/token",
			Scopes:         []string{"all"},
			EndpointParams: url.Values{"resource": {resource}},
			AuthStyle:      oauth2.AuthStyleInHeader,
		},
		client: newRetryingClient(6),
		// Without a token nothing is begun, so who waits for one learns soon that
		// Logto is away.
		tokenClient: newRetryingClient(3),
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

// newRetryingClient returns a client that tries 429 and 5xx, and what doesn't
// reach the server, again so many times.
func newRetryingClient(times int) *retryablehttp.Client {
	client := retryablehttp.NewClient()
	client.Logger = nil
	client.RetryMax = times
	client.RetryWaitMin, client.RetryWaitMax = 500*time.Millisecond, 20*time.Second
	client.Backoff = boundedBackoff
	client.ErrorHandler = retryablehttp.PassthroughErrorHandler
	client.HTTPClient.Timeout = requestAttemptTimeout
	client.HTTPClient.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return client
}

func boundedBackoff(least, most time.Duration, attempt int, resp *http.Response) time.Duration {
	return min(retryablehttp.DefaultBackoff(least, most, attempt, resp), maxRetryAfter)
}

// pageSize is the largest that Logto gives.
const pageSize = 100

// users returns a page of the people, newest first, from page 1 on, and how many
// there are on all pages.
func (m *management) users(ctx context.Context, page int) (users []logtoUser, total int, err error) {
	header, err := m.get(ctx, fmt.Sprintf("/api/users?page=%d&page_size=%d", page, pageSize), &users)
	if err != nil {
		return nil, 0, err
	}
	if total, err = strconv.Atoi(header.Get("Total-Number")); err != nil || total < 0 {
		return nil, 0, errors.New("the Management API doesn't say how many people there are")
	}
	return users, total, nil
}

// errNoSuchUser says that Logto knows nobody with the id.
var errNoSuchUser = errors.New("no such user")

// user returns a person. It returns errNoSuchUser only if Logto says so itself.
func (m *management) user(ctx context.Context, id string) (*logtoUser, error) {
	u := new(logtoUser)
	if _, err := m.get(ctx, "/api/users/"+url.PathEscape(id), u); err != nil {
		return nil, err
	}
	if u.ID != id {
		return nil, errors.New("the Management API answers with another person")
	}
	return u, nil
}

// get reads the JSON at the path into a value.
func (m *management) get(ctx context.Context, path string, into any) (http.Header, error) {
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
func (m *management) send(ctx context.Context, path string) (*http.Response, error) {
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
func (m *management) accessToken(ctx context.Context, refused *oauth2.Token) (*oauth2.Token, error) {
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
		return errNoSuchUser
	}
	return fmt.Errorf("the Management API answers %d (%.100q)", status, answer.Code)
}
