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
	fewPeople   = 100
	manyPeople  = 100_000
	keysTimeout = 30 * time.Second
)

// measurePeople compares a backend that knows 100 people with one that knows
// 100,000, while 100 people call each of them. Everybody has called before, so
// everybody has a row and is in the backend's cache.
func measurePeople(ctx context.Context, r *report) error {
	is, values, err := newPublicIssuer("ES256", "FEW_URL", "MANY_URL", "MANY_DATABASE_URL")
	if err != nil {
		return err
	}
	defer is.close()
	few, many, database := values[0], values[1], values[2]

	progress("first calls of %d people", manyPeople)
	tokens, err := is.tokens(manyPeople)
	if err != nil {
		return err
	}
	if err := callOnce(ctx, few, tokens[:fewPeople]); err != nil {
		return err
	}
	if err := callOnce(ctx, many, tokens); err != nil {
		return err
	}
	db, err := pgx.Connect(ctx, database)
	if err != nil {
		return err
	}
	defer db.Close(ctx)
	if err := vacuum(ctx, db); err != nil {
		return err
	}

	var callers []string // from all over the table
	for i := 0; i < manyPeople; i += manyPeople / fewPeople {
		callers = append(callers, tokens[i])
	}
	progress("calls of %d people", fewPeople)
	withFew := &endpoint{name: "/users/me, 100 people known", url: few + "/users/me", answer: `"logto_id"`, tokens: tokens[:fewPeople]}
	withMany := &endpoint{name: "/users/me, 100,000 people known", url: many + "/users/me", answer: `"logto_id"`, tokens: callers}
	endpoints := []*endpoint{withFew, withMany}
	if err := loadInTurn(ctx, endpoints); err != nil {
		return err
	}
	r.addTable(loadTable("the caller's row", endpoints))
	r.addFigure("people_100k_over_100", medianRatio(withFew.rates, withMany.rates))
	return nil
}

func callOnce(ctx context.Context, backend string, tokens []string) error {
	requests := (&endpoint{url: backend + "/users/me", tokens: tokens}).requests()
	client := &fasthttp.Client{DialDualStack: true}
	call := func(req *fasthttp.Request) (int, error) {
		resp := fasthttp.AcquireResponse()
		defer fasthttp.ReleaseResponse(resp)
		err := client.Do(req, resp)
		return resp.StatusCode(), err
	}
	// The backend started before the keys were served.
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
