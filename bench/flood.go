package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"encore.app/auth/token"
)

const (
	hotConnections   = 8
	floodConnections = 64
	// The paced flood sends 2,000 forged tokens per second. It needs many
	// connections, because the answers are slow.
	pacedRate        = 2000
	pacedConnections = 4096
	floodRounds      = 8
	floodTime        = 1500 * time.Millisecond
	floodStart       = 500 * time.Millisecond // before the measurement starts
	// During a flood a new person makes a first call every newcomerEvery. The
	// call has to succeed within newcomerTimeout.
	newcomers       = 300
	newcomerEvery   = 50 * time.Millisecond
	newcomerTimeout = 5 * time.Second
)

// measureFlood floods the backend with forged tokens. It measures the throughput
// of known callers, and how many new people get in.
func measureFlood(ctx context.Context, r *report) error {
	is, values, err := newPublicIssuer("ES384", "FEW_URL")
	if err != nil {
		return err
	}
	defer is.close()
	backend := values[0]
	tokens, err := is.tokens(1 + newcomers)
	if err != nil {
		return err
	}
	if err := callOnce(ctx, backend, tokens[:1]); err != nil {
		return err
	}

	f := newForger(backend, tokens[0])
	if err := f.measureKnownCallers(ctx, r, backend, tokens[0]); err != nil {
		return err
	}
	if err := f.measureNewcomers(ctx, r, backend, tokens[1:]); err != nil {
		return err
	}
	return measureRejectedAgain(ctx, r, is)
}

// measureKnownCallers compares the throughput of known callers without a flood, in
// one that sends as fast as the backend answers, and in a paced one.
func (f *forger) measureKnownCallers(ctx context.Context, r *report, backend, known string) error {
	progress("known callers in a flood of forged tokens")
	hot := func(name string) *endpoint {
		return &endpoint{name: name, url: backend + "/api/hello", answer: "Hello, ", tokens: []string{known},
			client: newClient(backend, hotConnections)}
	}
	quiet, flooded, paced := hot("known callers"), hot("in a flood"), hot("in a flood of 2,000 a second")
	if err := quiet.run(ctx, hotConnections, warmUp); err != nil {
		return err
	}
	quiet.reset()
	var answered [2]float64 // forged tokens per second
	for range floodRounds {
		if err := quiet.run(ctx, hotConnections, floodTime); err != nil {
			return err
		}
		for i, flood := range []struct {
			hot  *endpoint
			send func(context.Context) error
		}{{flooded, f.sendUnpaced}, {paced, f.sendPaced}} {
			err := withFlood(ctx, flood.send, func() error {
				before := f.answered.Load()
				err := flood.hot.run(ctx, hotConnections, floodTime)
				answered[i] += float64(f.answered.Load()-before) / floodTime.Seconds() / floodRounds
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	table := loadTable("8 connections", []*endpoint{quiet, flooded, paced})
	for i, cell := range []string{"forged/s", "0", fmt.Sprintf("%.0f", answered[0]), fmt.Sprintf("%.0f", answered[1])} {
		table[i] = append(table[i], cell)
	}
	r.addTable(table)
	r.addFigure("hot_under_flood_over_quiet", medianRatio(flooded.rates, quiet.rates))
	r.addFigure("hot_under_paced_flood_over_quiet", medianRatio(paced.rates, quiet.rates))
	r.addFigure("hot_p99_under_flood_over_quiet", medianRatio(flooded.p99s, quiet.p99s))
	return nil
}

// measureNewcomers measures how many people can make their first call in a flood,
// if they wait and retry as a 429 tells them.
func (f *forger) measureNewcomers(ctx context.Context, r *report, backend string, tokens []string) error {
	progress("new callers in a flood of forged tokens")
	client := newClient(backend, len(tokens))
	requests := (&endpoint{url: backend + "/api/hello", tokens: tokens}).requests()
	var admitted atomic.Int64
	err := withFlood(ctx, f.sendUnpaced, func() error {
		g, ctx := errgroup.WithContext(ctx)
		for _, req := range requests {
			g.Go(func() error {
				ok, err := callWithRetries(ctx, client, req)
				if ok {
					admitted.Add(1)
				}
				return err
			})
			time.Sleep(newcomerEvery)
		}
		return g.Wait()
	})
	r.addFigure("newcomers_admitted_in_flood", float64(admitted.Load())/float64(len(requests)))
	return err
}

// callWithRetries reports whether a call succeeds within newcomerTimeout. After a
// 429 it waits as long as the answer says, and tries again.
func callWithRetries(ctx context.Context, client *fasthttp.HostClient, req *fasthttp.Request) (bool, error) {
	resp := fasthttp.AcquireResponse()
	defer fasthttp.ReleaseResponse(resp)
	for deadline := time.Now().Add(newcomerTimeout); ; {
		if err := client.DoDeadline(req, resp, deadline); errors.Is(err, fasthttp.ErrTimeout) {
			return false, nil
		} else if err != nil {
			return false, err
		}
		switch resp.StatusCode() {
		case fasthttp.StatusOK:
			return true, nil
		case fasthttp.StatusTooManyRequests:
		default:
			return false, fmt.Errorf("answered %d: %s", resp.StatusCode(), resp.Body())
		}
		var answer struct {
			Details struct {
				RetryAfter int `json:"retry_after"`
			}
		}
		if err := json.Unmarshal(resp.Body(), &answer); err != nil {
			return false, err
		}
		wait := time.Duration(answer.Details.RetryAfter) * time.Second
		if wait <= 0 {
			return false, fmt.Errorf("429 without retry_after: %s", resp.Body())
		}
		if time.Until(deadline) < wait {
			return false, nil
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
}

// measureRejectedAgain compares rejecting a forged token for the second time with
// hashing it.
func measureRejectedAgain(ctx context.Context, r *report, is *issuer) error {
	progress("forged tokens sent again")
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	v, err := newVerifier(ctx, is, cacheBytes)
	if err != nil {
		return err
	}
	forged, err := is.tokens(tokenCount)
	if err != nil {
		return err
	}
	other := forged[0][strings.LastIndexByte(forged[0], '.'):]
	for i, compact := range forged {
		forged[i] = strings.Replace(compact, compact[strings.LastIndexByte(compact, '.'):], other, 1)
	}
	sum, err := newDigest(ctx, is)
	if err != nil {
		return err
	}
	forged = forged[1:] // the first one has its own signature
	run := func(check check) operation {
		return operation{func(i int) error { return check(ctx, forged[i%len(forged)]) }, 1}
	}
	again := func(ctx context.Context, compact string) error {
		var rejected *token.InvalidError
		if _, err := v.Verify(ctx, compact); !errors.As(err, &rejected) || rejected.Reason != "signature" {
			return fmt.Errorf("forged token: %w", err)
		}
		return nil
	}
	for _, compact := range forged {
		if err := again(ctx, compact); err != nil {
			return err
		}
	}
	times, err := compare(ctx, []operation{run(again), run(sum)})
	if err != nil {
		return err
	}
	r.addFigure("refused_again_over_sha256", times[0]/times[1])
	return nil
}

// withFlood runs measure during a flood, which it stops afterwards.
func withFlood(ctx context.Context, send func(context.Context) error, measure func() error) error {
	flood, stop := context.WithCancel(ctx)
	var sent error
	var sender sync.WaitGroup
	sender.Go(func() { sent = send(flood) })
	time.Sleep(floodStart)
	err := measure()
	stop()
	sender.Wait()
	return errors.Join(err, sent)
}

// forger sends copies of a valid token with other signatures. Making those takes
// little time, and so leaves it to the backend.
type forger struct {
	url      string
	segments string // header and claims
	client   *fasthttp.HostClient
	count    atomic.Uint64
	answered atomic.Int64
}

func newForger(backend, good string) *forger {
	return &forger{
		url:      backend + "/api/hello",
		segments: good[:strings.LastIndexByte(good, '.')+1],
		client:   newClient(backend, pacedConnections),
	}
}

// sendUnpaced sends tokens as fast as the backend answers, until ctx is done.
func (f *forger) sendUnpaced(ctx context.Context) error {
	var g errgroup.Group
	for range floodConnections {
		g.Go(func() error {
			send := f.sender()
			for ctx.Err() == nil {
				if err := send(); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

func (f *forger) sendPaced(ctx context.Context) error {
	senders := sync.Pool{New: func() any { return f.sender() }}
	pace := rate.NewLimiter(pacedRate, pacedRate/100)
	var g errgroup.Group
	g.SetLimit(pacedConnections)
	for pace.Wait(ctx) == nil {
		g.Go(func() error {
			send := senders.Get().(func() error)
			defer senders.Put(send)
			return send()
		})
	}
	return g.Wait()
}

// sender returns a function that sends a different token each time.
func (f *forger) sender() func() error {
	req, resp := new(fasthttp.Request), new(fasthttp.Response)
	req.SetRequestURI(f.url)
	signature := make([]byte, 96)
	_, _ = rand.Read(signature) // never fails
	header := []byte("Bearer " + f.segments + base64.RawURLEncoding.EncodeToString(signature))
	end := len(header)
	return func() error {
		binary.BigEndian.PutUint64(signature[88:], f.count.Add(1))
		base64.RawURLEncoding.Encode(header[end-12:], signature[87:])
		req.Header.SetBytesV("Authorization", header)
		if err := f.client.Do(req, resp); err != nil {
			return err
		}
		if status := resp.StatusCode(); status != fasthttp.StatusUnauthorized && status != fasthttp.StatusTooManyRequests {
			return fmt.Errorf("forged token answered %d: %s", status, resp.Body())
		}
		f.answered.Add(1)
		return nil
	}
}
