package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/valyala/fasthttp"
)

const (
	peopleLength = 1_000_000
	searchRounds = 300
	readAllLimit = 100
)

// searches are the words to search for. Person i has the first one whose condition
// holds at the start of the name (a third of them), the e-mail (a third) or both.
var searches = []struct {
	text, condition string
	count           int // found
}{
	{"oldest", `i <= 2000`, 2000},
	{"newest", `i > 998990`, 1010},
	{"few", `i % 500 = 0`, 1993},
	{"many", `i % 10 = 1`, 99_699},
	{"m", `TRUE`, 994_997}, // including "many"
}

// measureSearches compares pages of searches among a million people: the first,
// the last and three in between.
func measureSearches(ctx context.Context, r *report) error {
	backend, server := os.Getenv("BACKEND_URL"), os.Getenv("DATABASE_SERVER_URL")
	token := os.Getenv("READER_TOKEN")
	if backend == "" || server == "" || token == "" {
		return errors.New("needs BACKEND_URL, DATABASE_SERVER_URL and READER_TOKEN: use make bench")
	}
	p := pager{url: backend + "/users", token: token, client: &fasthttp.Client{DialDualStack: true}}
	progress("adding %d people", peopleLength)
	if err := p.addPeople(ctx, server+"/users"); err != nil {
		return err
	}
	table := [][]string{{"a search among a million people", "found", "first ms", "slowest other ms"}}
	worst := 0.0
	for _, s := range searches {
		progress("searching for %q", s.text)
		pages, err := p.readSearch(ctx, s.text, s.count)
		if err != nil {
			return err
		}
		times, err := p.timePages(ctx, s.text, pages)
		if err != nil {
			return err
		}
		slowest := 1
		for i := range times {
			if i > 0 && median(times[i]) > median(times[slowest]) {
				slowest = i
			}
		}
		worst = max(worst, medianRatio(times[slowest], times[0]))
		table = append(table, []string{s.text, fmt.Sprint(s.count), fmt.Sprintf("%.2f", median(times[0])), fmt.Sprintf("%.2f", median(times[slowest]))})
	}
	r.addTable(table)
	r.addFigure("search_page_over_first", worst)
	return nil
}

type pager struct {
	url, token string
	client     *fasthttp.Client
}

func (p pager) do(method, url, body string, answer any) error {
	req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(resp)
	req.Header.SetMethod(method)
	req.SetRequestURI(url)
	req.Header.Set("Authorization", "Bearer "+p.token)
	req.SetBodyString(body)
	if err := p.client.Do(req, resp); err != nil {
		return err
	}
	if resp.StatusCode() != fasthttp.StatusOK {
		return fmt.Errorf("%s %s answered %d: %s", method, url, resp.StatusCode(), resp.Body())
	}
	return json.Unmarshal(resp.Body(), answer)
}

// addPeople adds people to the database. A call of the backend creates the table.
func (p pager) addPeople(ctx context.Context, database string) error {
	if err := p.do("GET", p.url, "", new(struct{})); err != nil {
		return err
	}
	db, err := pgx.Connect(ctx, database)
	if err != nil {
		return err
	}
	defer db.Close(ctx)
	var word strings.Builder
	for _, s := range searches {
		fmt.Fprintf(&word, " WHEN %s THEN '%s'", s.condition, s.text)
	}
	if _, err := db.Exec(ctx, `
		INSERT INTO users (logto_id, name, email)
		SELECT 'bench' || i,
			CASE WHEN i % 3 = 0 THEN 'somebody ' ELSE word || ' ' END || md5(i::text),
			CASE WHEN i % 3 = 1 THEN 'somebody' ELSE word END || md5(i::text) || '@example.com'
		FROM (SELECT i, CASE`+word.String()+` END AS word FROM generate_series(1, $1) AS i) AS people
	`, peopleLength); err != nil {
		return err
	}
	return vacuum(ctx, db)
}

// vacuum does now what Postgres would otherwise do by itself while we measure.
func vacuum(ctx context.Context, db *pgx.Conn) error {
	for _, statement := range []string{`VACUUM (ANALYZE)`, `CHECKPOINT`} {
		if _, err := db.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// readSearch reads all pages and counts the people. It returns the cursors of the
// first page, the last one and three in between.
func (p pager) readSearch(ctx context.Context, text string, want int) ([]string, error) {
	cursors, count := []string{""}, 0
	for cursor := ""; ; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var page struct {
			Users      []struct{ ID int64 }
			NextCursor string `json:"next_cursor"`
		}
		if err := p.do("GET", fmt.Sprintf("%s?search=%s&limit=%d&cursor=%s", p.url, text, readAllLimit, cursor), "", &page); err != nil {
			return nil, err
		}
		count += len(page.Users)
		if cursor = page.NextCursor; cursor == "" {
			break
		}
		cursors = append(cursors, cursor)
	}
	if count != want {
		return nil, fmt.Errorf("the pages of %q have %d people, want %d", text, count, want)
	}
	last := len(cursors) - 1
	return []string{cursors[0], cursors[last/4], cursors[last/2], cursors[last*3/4], cursors[last]}, nil
}

// timePages returns how many milliseconds each page took in each round.
func (p pager) timePages(ctx context.Context, text string, cursors []string) ([][]float64, error) {
	times := make([][]float64, len(cursors))
	for range searchRounds {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for i, cursor := range cursors {
			began := time.Now()
			if err := p.do("GET", fmt.Sprintf("%s?search=%s&cursor=%s", p.url, text, cursor), "", new(struct{})); err != nil {
				return nil, err
			}
			times[i] = append(times[i], time.Since(began).Seconds()*1e3)
		}
	}
	return times, nil
}
