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
	// pacedRate is how many forged tokens are sent per second when they are not
	// sent as fast as they are answered. It takes many connections, because the
	// answers are slow.
	pacedRate        = 2000
	pacedConnections = 4096
	floodRounds      = 8
	floodTime        = 1500 * time.Millisecond
	// floodStart is how long a flood goes on before anything is measured.
	floodStart = 500 * time.Millisecond
	// newcomers is how many people sign in during a flood, newcomerEvery how soon
	// one after the other, and admission how soon each has to get in.
	newcomers     = 300
	newcomerEvery = 50 * time.Millisecond
	admission     = 5 * time.Second
)

// measureFlood measures what known callers have left of the backend while others
// send it forged tokens, each of which it sees for the first time, and whether
// somebody new gets in meanwhile.
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
	if err := introduce(ctx, backend, tokens[:1]); err != nil {
		return err
	}

	f := newForger(backend, tokens[0])
	if err := f.measureHot(ctx, r, backend, tokens[0]); err != nil {
		return err
	}
	if err := f.measureNewcomers(ctx, r, backend, tokens[1:]); err != nil {
		return err
	}
	return measureRejectedAgain(ctx, r, is)
}

// measureHot compares the throughput of known callers without a flood, with one
// that is as fast as it is answered, and with a paced one.
func (f *forger) measureHot(ctx context.Context, r *report, backend, known string) error {
	progress("known callers in a flood of forged tokens")
	hot := func(name string) *endpoint {
		return &endpoint{name: name, url: backend + "/api/hello", answer: "Hello, ", tokens: []string{known},
			client: newClient(backend, hotConnections)}
	}
	quiet, flooded, paced := hot("known callers"), hot("in a flood"), hot("in a flood of 2,000 a second")
	if err := quiet.run(ctx, hotConnections, warmUp); err != nil {
		return err
	}
	quiet.forget()
	var answered [2]float64 // forged tokens per second
	for range floodRounds {
		if err := quiet.run(ctx, hotConnections, floodTime); err != nil {
			return err
		}
		for i, flood := range []struct {
			hot  *endpoint
			send func(context.Context) error
		}{{flooded, f.sendAll}, {paced, f.sendPaced}} {
			err := during(ctx, flood.send, func() error {
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

// measureNewcomers counts who gets in, of people who call for the first time in
// a flood and repeat a call as they are told.
func (f *forger) measureNewcomers(ctx context.Context, r *report, backend string, tokens []string) error {
	progress("somebody new in a flood of forged tokens")
	client := newClient(backend, len(tokens))
	requests := (&endpoint{url: backend + "/api/hello", tokens: tokens}).requests()
	var admitted atomic.Int64
	err := during(ctx, f.sendAll, func() error {
		g, ctx := errgroup.WithContext(ctx)
		for _, req := range requests {
			g.Go(func() error {
				in, err := getIn(ctx, client, req)
				if in {
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

// getIn reports whether a call succeeds in time, if it is repeated as the answer
// says.
func getIn(ctx context.Context, client *fasthttp.HostClient, req *fasthttp.Request) (bool, error) {
	resp := fasthttp.AcquireResponse()
	defer fasthttp.ReleaseResponse(resp)
	for deadline := time.Now().Add(admission); ; {
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

// measureRejectedAgain compares a forged token that was seen before with its
// SHA-256.
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
	forged = forged[1:] // that one is good
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

// during runs measure some time after send has begun, which it then ends.
func during(ctx context.Context, send func(context.Context) error, measure func() error) error {
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

// forger sends tokens that differ from a good one in their signature. That takes
// little time, which the backend needs.
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

// sendAll sends tokens as fast as they are answered, until ctx is done.
func (f *forger) sendAll(ctx context.Context) error {
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

// sendPaced sends pacedRate tokens per second, until ctx is done.
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

// sender returns what sends a new token each time.
func (f *forger) sender() func() error {
	req, resp := new(fasthttp.Request), new(fasthttp.Response)
	req.SetRequestURI(f.url)
	signature := make([]byte, 96)
	_, _ = rand.Read(signature) // it never fails
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
