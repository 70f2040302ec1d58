package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/valyala/fasthttp"
	"golang.org/x/sync/errgroup"
)

const (
	fewPeople  = 100
	manyPeople = 100_000
	// keysTimeout is how long a backend may take to find the keys, once they
	// are there.
	keysTimeout = 30 * time.Second
)

// measurePeople compares two backends that differ in how many people they know,
// by the same number of people calling: with each call the backend finds out who
// they are and reads their row.
//
// Everybody is introduced by a call of their own, so that the rows are in the
// table and the people in the memory of the backend.
func measurePeople(ctx context.Context, r *report) error {
	is, values, err := newPublicIssuer("ES256", "FEW_URL", "MANY_URL", "MANY_DATABASE_URL")
	if err != nil {
		return err
	}
	defer is.close()
	few, many, database := values[0], values[1], values[2]

	progress("introducing %d people", manyPeople)
	tokens, err := is.tokens(manyPeople)
	if err != nil {
		return err
	}
	if err := introduce(ctx, few, tokens[:fewPeople]); err != nil {
		return err
	}
	if err := introduce(ctx, many, tokens); err != nil {
		return err
	}
	db, err := pgx.Connect(ctx, database)
	if err != nil {
		return err
	}
	defer db.Close(ctx)
	if err := settle(ctx, db); err != nil {
		return err
	}

	var callers []string // all over the table
	for i := 0; i < manyPeople; i += manyPeople / fewPeople {
		callers = append(callers, tokens[i])
	}
	progress("calling as %d people", fewPeople)
	ofFew := &endpoint{name: "/users/me, 100 people known", url: few + "/users/me", answer: `"logto_id"`, tokens: tokens[:fewPeople]}
	ofMany := &endpoint{name: "/users/me, 100,000 people known", url: many + "/users/me", answer: `"logto_id"`, tokens: callers}
	endpoints := []*endpoint{ofFew, ofMany}
	if err := putUnderLoad(ctx, endpoints); err != nil {
		return err
	}
	r.addTable(loadTable("who is calling", endpoints))
	r.addFigure("people_100k_over_100", medianRatio(ofFew.rates, ofMany.rates))
	return nil
}

// introduce calls once with each token.
func introduce(ctx context.Context, backend string, tokens []string) error {
	requests := (&endpoint{url: backend + "/users/me", tokens: tokens}).requests()
	client := &fasthttp.Client{DialDualStack: true}
	call := func(req *fasthttp.Request) (int, error) {
		resp := fasthttp.AcquireResponse()
		defer fasthttp.ReleaseResponse(resp)
		err := client.Do(req, resp)
		return resp.StatusCode(), err
	}
	// The keys were not there when the backend started.
	for deadline := time.Now().Add(keysTimeout); ; {
		status, err := call(requests[0])
		if err != nil {
			return err
		}
		if status == fasthttp.StatusOK {
			break
		}
		if status != fasthttp.StatusServiceUnavailable || time.Now().After(deadline) {
			return fmt.Errorf("%s answered %d", backend, status)
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	for c := range connections {
		g.Go(func() error {
			for i := c; i < len(requests); i += connections {
				if err := ctx.Err(); err != nil {
					return err
				}
				status, err := call(requests[i])
				if err != nil {
					return err
				}
				if status != fasthttp.StatusOK {
					return fmt.Errorf("%s answered %d", backend, status)
				}
			}
			return nil
		})
	}
	return g.Wait()
}
