// Package backend calls a running backend for the suites. It follows no
// redirect, repeats nothing and reads each answer whole.
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

// timeout bounds a call, so that a backend that hangs fails the test.
const timeout = 20 * time.Second

// Backend is a running backend.
type Backend struct {
	// URL is where it is, without a slash at the end.
	URL string
}

// FromEnv returns the backend whose URL is in the environment variable. The
// test fails if there is none: a suite that tests nothing must not pass.
func FromEnv(t testing.TB, variable string) *Backend {
	t.Helper()
	value := os.Getenv(variable)
	if u, err := url.Parse(value); err != nil || u.Host == "" {
		t.Fatalf("set %s to the URL of the backend under test, for example http://localhost:4000 (it is %q)", variable, value)
	}
	return &Backend{URL: strings.TrimSuffix(value, "/")}
}

// Request is what to send. Its zero value is GET of the path, without a token.
type Request struct {
	Method string
	Path   string
	// Token is sent as the bearer token unless it is empty.
	Token  string
	Header map[string]string
	Body   string
}

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// Error is the body of an answer that refuses.
type Error struct {
	Code    string          `json:"code"`
	Message string          `json:"message"`
	Details json.RawMessage `json:"details"`
}

var client = &http.Client{
	Timeout:       timeout,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// Get sends a GET request with the token, if that isn't empty.
func (b *Backend) Get(t testing.TB, path, token string) Answer {
	t.Helper()
	return b.Do(t, Request{Path: path, Token: token})
}

// Do sends a request. The test fails if there is no answer.
func (b *Backend) Do(t testing.TB, r Request) Answer {
	t.Helper()
	a, err := b.Try(r)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// All sends the requests at the same time and returns the answers in their
// order. The test fails if one is missing.
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

// Try sends a request. It returns an error if there is no answer.
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

// Raw sends the bytes of a request as they are, where net/http would tidy them.
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

// JSON decodes the body of an answer that must have status 200.
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

// Refusal decodes the body of an answer that must have this status.
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
