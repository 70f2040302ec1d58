package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/valyala/fasthttp"
)

const (
	listLength = 1_000_000
	// othersTodos is how many todos other people have made before and since: a
	// query that walked past them would show.
	othersTodos = 100_000
	walkLimit   = 100
)

// measurePages compares pages of one person's list of a million todos, as the
// backend answers them, and then those of searches among a million people.
func measurePages(ctx context.Context, r *report) error {
	backend, database := os.Getenv("BACKEND_URL"), os.Getenv("TODOS_DATABASE_URL")
	tokens := strings.Fields(os.Getenv("ACCESS_TOKENS"))
	if backend == "" || database == "" || len(tokens) == 0 {
		return errors.New("needs BACKEND_URL, TODOS_DATABASE_URL and ACCESS_TOKENS: use make bench")
	}
	w := walker{url: backend + "/todos", token: tokens[0], client: &fasthttp.Client{DialDualStack: true}}
	progress("making a list of %d todos", listLength)
	if err := w.makeList(ctx, database); err != nil {
		return err
	}
	progress("walking through it")
	middle, last, err := w.walk(ctx)
	if err != nil {
		return err
	}

	progress("reading pages of it")
	page := func(name, query string) *endpoint {
		return &endpoint{name: name, url: w.url + query, answer: `"next_cursor"`, tokens: tokens[:1]}
	}
	endpoints := []*endpoint{
		page("its first page", ""), page("a page in the middle", "?cursor="+middle), page("its last but four", "?cursor="+last),
	}
	if err := putUnderLoad(ctx, endpoints); err != nil {
		return err
	}
	r.addTable(loadTable("a list of a million", endpoints))
	r.addFigure("middle_page_over_first", medianRatio(endpoints[0].rates, endpoints[1].rates))
	r.addFigure("deep_page_over_first", medianRatio(endpoints[0].rates, endpoints[2].rates))
	return measureSearches(ctx, r)
}

// walker reads a person's list.
type walker struct {
	url, token string
	client     *fasthttp.Client
}

// do sends a request and decodes the answer.
func (w walker) do(method, url, body string, answer any) error {
	req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(resp)
	req.Header.SetMethod(method)
	req.SetRequestURI(url)
	req.Header.Set("Authorization", "Bearer "+w.token)
	req.SetBodyString(body)
	if err := w.client.Do(req, resp); err != nil {
		return err
	}
	if resp.StatusCode() != fasthttp.StatusOK {
		return fmt.Errorf("%s %s answered %d: %s", method, url, resp.StatusCode(), resp.Body())
	}
	return json.Unmarshal(resp.Body(), answer)
}

// makeList fills the database with the person's todos, and those of others
// below and above. The first is made by the backend, which then has its tables
// and tells the person's id.
func (w walker) makeList(ctx context.Context, database string) error {
	var first struct {
		OwnerID int64 `json:"owner_id"`
	}
	if err := w.do("POST", w.url, `{"text":"the first"}`, &first); err != nil {
		return err
	}
	db, err := pgx.Connect(ctx, database)
	if err != nil {
		return err
	}
	defer db.Close(ctx)
	const others, own = `$1 + 1 + i % 1000`, `$1`
	for _, part := range []struct {
		owner string
		count int
	}{{others, othersTodos}, {own, listLength - 1}, {others, othersTodos}} {
		if _, err := db.Exec(ctx, `
			INSERT INTO todos (owner_id, text)
			SELECT `+part.owner+`, 'something to do, number ' || i FROM generate_series(1::bigint, $2) AS i
		`, first.OwnerID, part.count); err != nil {
			return err
		}
	}
	return settle(ctx, db)
}

// settle has the server do at once what it would do by itself some time after
// many writes, and else during the rounds.
func settle(ctx context.Context, db *pgx.Conn) error {
	for _, statement := range []string{`VACUUM (ANALYZE)`, `CHECKPOINT`} {
		if _, err := db.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// walk goes through the whole list, counts it, and returns the cursors of a page
// in the middle and of the last walkLimit todos.
func (w walker) walk(ctx context.Context) (middle, last string, err error) {
	var cursors []string
	count := 0
	for cursor := ""; ; {
		if err := ctx.Err(); err != nil {
			return "", "", err
		}
		var page struct {
			Todos      []struct{ ID int64 }
			NextCursor string `json:"next_cursor"`
		}
		if err := w.do("GET", fmt.Sprintf("%s?limit=%d&cursor=%s", w.url, walkLimit, cursor), "", &page); err != nil {
			return "", "", err
		}
		count += len(page.Todos)
		if cursor = page.NextCursor; cursor == "" {
			break
		}
		cursors = append(cursors, cursor)
	}
	if count != listLength {
		return "", "", fmt.Errorf("the pages have %d todos, want %d", count, listLength)
	}
	return cursors[len(cursors)/2], cursors[len(cursors)-1], nil
}
