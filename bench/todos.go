package main

import (
	"context"
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
)

func init() {
	parts = append(parts, part{"todos", measureTodos})
	targets["middle_page_over_first"] = bound{limit: 1.2}
	targets["deep_page_over_first"] = bound{limit: 1.2}
}

// measureTodos compares pages of one person's list of a million todos, as the
// backend answers them.
func measureTodos(ctx context.Context, r *report) error {
	backend, server := os.Getenv("BACKEND_URL"), os.Getenv("DATABASE_SERVER_URL")
	tokens := strings.Fields(os.Getenv("ACCESS_TOKENS"))
	if backend == "" || server == "" || len(tokens) == 0 {
		return errors.New("needs BACKEND_URL, DATABASE_SERVER_URL and ACCESS_TOKENS: use make bench")
	}
	w := walker{url: backend + "/todos", token: tokens[0], client: &fasthttp.Client{DialDualStack: true}}
	progress("making a list of %d todos", listLength)
	if err := w.makeList(ctx, server+"/todos"); err != nil {
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
	return nil
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
