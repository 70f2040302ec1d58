package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
	"golang.org/x/sync/errgroup"
)

const (
	connections = 16                     // each sends one request at a time
	loadTime    = 100 * time.Millisecond // of one round
	loadRounds  = 150
	warmUp      = 3 * time.Second
)

type endpoint struct {
	name   string
	url    string
	tokens []string // sent in turn; empty if the endpoint is public
	answer string   // has to be in the body of each response

	client *fasthttp.HostClient
	// One value per round: requests per second, and latencies in milliseconds.
	rates, p50s, p99s []float64
}

// measureHTTP compares a protected endpoint of the backend with a public one, and
// with a protected one on Express.
func measureHTTP(ctx context.Context, r *report) error {
	backend, express := os.Getenv("BACKEND_URL"), os.Getenv("EXPRESS_URL")
	tokens := strings.Fields(os.Getenv("ACCESS_TOKENS"))
	if backend == "" || express == "" || len(tokens) == 0 {
		return errors.New("needs BACKEND_URL, EXPRESS_URL and ACCESS_TOKENS: use make bench")
	}
	public := &endpoint{name: "public /api/ping", url: backend + "/api/ping", answer: "pong"}
	protected := &endpoint{name: "protected /api/hello", url: backend + "/api/hello", answer: "Hello, ", tokens: tokens}
	peer := &endpoint{name: "protected /api/hello on Express", url: express + "/api/hello", answer: "Hello, ", tokens: tokens}
	endpoints := []*endpoint{public, protected, peer}

	progress("answering over HTTP")
	if err := loadInTurn(ctx, endpoints); err != nil {
		return err
	}
	r.addTable(loadTable("over HTTP", endpoints))
	r.addFigure("protected_over_public_throughput", medianRatio(protected.rates, public.rates))
	r.addFigure("protected_over_express", medianRatio(protected.rates, peer.rates))
	return nil
}

// loadInTurn puts load on one endpoint after the other, round by round. The order
// changes, because a server still has work left when the next round starts.
func loadInTurn(ctx context.Context, endpoints []*endpoint) error {
	for _, e := range endpoints {
		e.client = newClient(e.url, connections)
		if err := e.run(ctx, connections, warmUp); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
		e.reset()
	}
	n := len(endpoints)
	for round := range loadRounds {
		step := 1
		if round/n%2 == 1 {
			step = n - 1
		}
		for i := range endpoints {
			e := endpoints[(round+i*step)%n]
			if err := e.run(ctx, connections, loadTime); err != nil {
				return fmt.Errorf("%s: %w", e.name, err)
			}
		}
	}
	return nil
}

func newClient(rawURL string, connections int) *fasthttp.HostClient {
	address, err := url.Parse(rawURL)
	if err != nil {
		panic(err)
	}
	return &fasthttp.HostClient{Addr: address.Host, MaxConns: connections, DialDualStack: true}
}

func loadTable(title string, endpoints []*endpoint) [][]string {
	table := [][]string{{title, "req/s", "p50 ms", "p99 ms"}}
	for _, e := range endpoints {
		table = append(table, []string{
			e.name, fmt.Sprintf("%.0f", median(e.rates)), fmt.Sprintf("%.2f", median(e.p50s)), fmt.Sprintf("%.2f", median(e.p99s)),
		})
	}
	return table
}

// medianRatio returns the median of a/b over the rounds. The best round, which
// compare takes, would not be typical: servers also work between requests.
func medianRatio(a, b []float64) float64 {
	ratios := make([]float64, len(a))
	for i := range ratios {
		ratios[i] = a[i] / b[i]
	}
	return median(ratios)
}

func median(values []float64) float64 {
	return slices.Sorted(slices.Values(values))[len(values)/2]
}

func (e *endpoint) reset() { e.rates, e.p50s, e.p99s = nil, nil, nil }

func (e *endpoint) run(ctx context.Context, connections int, duration time.Duration) error {
	latencies := make([][]time.Duration, connections)
	var g errgroup.Group
	began := time.Now()
	for c := range connections {
		g.Go(func() error {
			var err error
			latencies[c], err = e.send(ctx, c, began.Add(duration))
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	elapsed := time.Since(began)
	all := slices.Sorted(slices.Values(slices.Concat(latencies...)))
	e.rates = append(e.rates, float64(len(all))/elapsed.Seconds())
	e.p50s = append(e.p50s, all[len(all)/2].Seconds()*1e3)
	e.p99s = append(e.p99s, all[len(all)*99/100].Seconds()*1e3)
	return nil
}

func (e *endpoint) send(ctx context.Context, first int, deadline time.Time) ([]time.Duration, error) {
	requests := e.requests()
	resp := fasthttp.AcquireResponse()
	defer fasthttp.ReleaseResponse(resp)
	var latencies []time.Duration
	for began := time.Now(); began.Before(deadline); {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := e.client.Do(requests[(first+len(latencies))%len(requests)], resp); err != nil {
			return nil, err
		}
		if resp.StatusCode() != fasthttp.StatusOK || !bytes.Contains(resp.Body(), []byte(e.answer)) {
			return nil, fmt.Errorf("answered %d: %s", resp.StatusCode(), resp.Body())
		}
		ended := time.Now()
		latencies = append(latencies, ended.Sub(began))
		began = ended
	}
	return latencies, nil
}

// requests returns one request for each token, or one without a token.
func (e *endpoint) requests() []*fasthttp.Request {
	public := new(fasthttp.Request)
	public.SetRequestURI(e.url)
	if len(e.tokens) == 0 {
		return []*fasthttp.Request{public}
	}
	var requests []*fasthttp.Request
	for _, token := range e.tokens {
		req := new(fasthttp.Request)
		public.CopyTo(req)
		req.Header.Set("Authorization", "Bearer "+token)
		requests = append(requests, req)
	}
	return requests
}
