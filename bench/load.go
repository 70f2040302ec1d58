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
	// connections is how many clients there are. Each sends its next request
	// when it has the answer to the last one.
	connections = 16
	loadTime    = 500 * time.Millisecond // of a round
	loadRounds  = 30
	warmUp      = 3 * time.Second
)

// An endpoint is something to put under load.
type endpoint struct {
	name   string
	url    string
	tokens []string // sent in turn; none if the endpoint is public
	answer string   // is in the body of each answer

	client *fasthttp.HostClient
	best   load
}

// load is what an endpoint did in a round.
type load struct {
	rate     float64 // in requests per second
	p50, p99 time.Duration
}

// measureHTTP compares the protected endpoint of the running backend with its
// public one, and with a protected one on Express.
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
	for _, e := range endpoints {
		address, err := url.Parse(e.url)
		if err != nil {
			return err
		}
		e.client = &fasthttp.HostClient{Addr: address.Host, MaxConns: connections, DialDualStack: true}
		if _, err := e.run(ctx, warmUp); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
	}
	for range loadRounds {
		for _, e := range endpoints {
			l, err := e.run(ctx, loadTime)
			if err != nil {
				return fmt.Errorf("%s: %w", e.name, err)
			}
			if l.rate > e.best.rate {
				e.best = l
			}
		}
	}

	table := [][]string{{"over HTTP", "req/s", "p50 ms", "p99 ms"}}
	for _, e := range endpoints {
		table = append(table, []string{
			e.name, fmt.Sprintf("%.0f", e.best.rate), milliseconds(e.best.p50), milliseconds(e.best.p99),
		})
	}
	r.addTable(table)
	r.addFigure("protected_over_public_throughput", protected.best.rate/public.best.rate)
	r.addFigure("protected_over_express", protected.best.rate/peer.best.rate)
	return nil
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.2f", float64(d)/float64(time.Millisecond))
}

// run puts the endpoint under load for a time.
func (e *endpoint) run(ctx context.Context, duration time.Duration) (load, error) {
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
		return load{}, err
	}
	elapsed := time.Since(began)
	all := slices.Sorted(slices.Values(slices.Concat(latencies...)))
	return load{
		rate: float64(len(all)) / elapsed.Seconds(),
		p50:  all[len(all)/2],
		p99:  all[len(all)*99/100],
	}, nil
}

// send sends request after request, until the deadline, and returns how long
// each took.
func (e *endpoint) send(ctx context.Context, first int, deadline time.Time) ([]time.Duration, error) {
	req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(resp)
	req.SetRequestURI(e.url)
	var latencies []time.Duration
	for began := time.Now(); began.Before(deadline); {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if len(e.tokens) > 0 {
			req.Header.Set("Authorization", "Bearer "+e.tokens[(first+len(latencies))%len(e.tokens)])
		}
		if err := e.client.Do(req, resp); err != nil {
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
