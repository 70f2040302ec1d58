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
	// Other people's todos, before and after the list. A query that reads through
	// them would be slow.
	othersTodos = 100_000
)

func init() {
	parts = append(parts, part{"todos", measureTodos})
	targets["middle_page_over_first"] = target{limit: 1.2}
	targets["deep_page_over_first"] = target{limit: 1.2}
}

// measureTodos compares pages of one person's list of a million todos.
func measureTodos(ctx context.Context, r *report) error {
	backend, server := os.Getenv("BACKEND_URL"), os.Getenv("DATABASE_SERVER_URL")
	tokens := strings.Fields(os.Getenv("ACCESS_TOKENS"))
	if backend == "" || server == "" || len(tokens) == 0 {
		return errors.New("needs BACKEND_URL, DATABASE_SERVER_URL and ACCESS_TOKENS: use make bench")
	}
	p := pager{url: backend + "/todos", token: tokens[0], client: &fasthttp.Client{DialDualStack: true}}
	progress("making a list of %d todos", listLength)
	if err := p.makeList(ctx, server+"/todos"); err != nil {
		return err
	}
	progress("reading all of its pages")
	middle, last, err := p.readAll(ctx)
	if err != nil {
		return err
	}

	progress("reading some of its pages again")
	page := func(name, query string) *endpoint {
		return &endpoint{name: name, url: p.url + query, answer: `"next_cursor"`, tokens: tokens[:1]}
	}
	endpoints := []*endpoint{
		page("first page", ""), page("page in the middle", "?cursor="+middle), page("page near the end", "?cursor="+last),
	}
	if err := loadInTurn(ctx, endpoints); err != nil {
		return err
	}
	r.addTable(loadTable("a list of a million todos", endpoints))
	r.addFigure("middle_page_over_first", medianRatio(endpoints[0].rates, endpoints[1].rates))
	r.addFigure("deep_page_over_first", medianRatio(endpoints[0].rates, endpoints[2].rates))
	return nil
}

// makeList adds a person's todos to the database, between those of other people.
// The backend adds the first one: that creates the table and returns the person's
// id.
func (p pager) makeList(ctx context.Context, database string) error {
	var first struct {
		OwnerID int64 `json:"owner_id"`
	}
	if err := p.do("POST", p.url, `{"text":"the first"}`, &first); err != nil {
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
	return vacuum(ctx, db)
}

// readAll reads the whole list and counts it. It returns the cursors of a page in
// the middle and of the last one.
func (p pager) readAll(ctx context.Context) (middle, last string, err error) {
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
		if err := p.do("GET", fmt.Sprintf("%s?limit=%d&cursor=%s", p.url, readAllLimit, cursor), "", &page); err != nil {
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
