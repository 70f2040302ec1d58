// Package backend calls a running backend. It doesn't follow redirects and
// doesn't retry.
package backend

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

const timeout = 20 * time.Second

type Backend struct {
	URL string // without a slash at the end
}

// FromEnv returns the backend whose URL is in the environment variable. The test
// fails, instead of being skipped, if the variable is not set.
func FromEnv(t testing.TB, variable string) *Backend {
	t.Helper()
	value := os.Getenv(variable)
	if u, err := url.Parse(value); err != nil || u.Host == "" {
		t.Fatalf("set %s to the URL of the backend under test, for example http://localhost:4000 (it is %q)", variable, value)
	}
	return &Backend{URL: strings.TrimSuffix(value, "/")}
}

// Request is a GET request without a token if only the path is set.
type Request struct {
	Method string
	Path   string
	Token  string // the bearer token, or empty
	Header map[string]string
	Body   string
}

type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// Error is the body of an error response.
type Error struct {
	Code    string          `json:"code"`
	Message string          `json:"message"`
	Details json.RawMessage `json:"details"`
}

var client = &http.Client{
	Timeout:       timeout,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func (b *Backend) Get(t testing.TB, path, token string) Answer {
	t.Helper()
	return b.Do(t, Request{Path: path, Token: token})
}

// Do sends a request. The test fails if there is no response.
func (b *Backend) Do(t testing.TB, r Request) Answer {
	t.Helper()
	a, err := b.Try(r)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// All sends the requests at the same time and returns the responses in the order
// of the requests. The test fails if one is missing.
func (b *Backend) All(t testing.TB, requests []Request) []Answer {
	t.Helper()
	answers, errs := make([]Answer, len(requests)), make([]error, len(requests))
	var wg sync.WaitGroup
	for i, r := range requests {
		wg.Go(func() { answers[i], errs[i] = b.Try(r) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	return answers
}

// Try sends a request. It returns an error if there is no response.
func (b *Backend) Try(r Request) (Answer, error) {
	req, err := http.NewRequest(r.Method, b.URL+r.Path, strings.NewReader(r.Body))
	if err != nil {
		return Answer{}, err
	}
	for name, value := range r.Header {
		req.Header.Set(name, value)
	}
	if r.Token != "" {
		req.Header.Set("Authorization", "Bearer "+r.Token)
	}
	resp, err := client.Do(req)
	if err != nil {
		return Answer{}, err
	}
	return read(resp)
}

// Raw sends a request that net/http would correct or refuse to send.
func (b *Backend) Raw(t testing.TB, request string) Answer {
	t.Helper()
	u, err := url.Parse(b.URL)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.DialTimeout("tcp", u.Host, timeout)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(timeout)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := read(resp)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func read(resp *http.Response) (Answer, error) {
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return Answer{resp.StatusCode, resp.Header, string(body)}, err
}

// JSON decodes a response. The test fails if its status is not 200.
func JSON[T any](t testing.TB, a Answer) T {
	t.Helper()
	var v T
	if a.Status != http.StatusOK {
		t.Fatalf("status %d: %s", a.Status, a.Body)
	}
	if err := json.Unmarshal([]byte(a.Body), &v); err != nil {
		t.Fatalf("%v in %s", err, a.Body)
	}
	return v
}

// Refusal decodes an error response. The test fails if it has another status.
func Refusal(t testing.TB, a Answer, status int) Error {
	t.Helper()
	var e Error
	if a.Status != status {
		t.Fatalf("status %d, want %d: %s", a.Status, status, a.Body)
	}
	if err := json.Unmarshal([]byte(a.Body), &e); err != nil {
		t.Fatalf("%v in %s", err, a.Body)
	}
	return e
}
