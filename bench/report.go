package main

import (
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
)

type target struct {
	limit   float64
	atLeast bool // otherwise at most
}

var targets = map[string]target{
	"cold_over_signature.es384":        {limit: 1.05},
	"cold_over_best_peer.es384":        {limit: 1},
	"cold_over_best_peer.es256":        {limit: 1},
	"cold_over_best_peer.rs256":        {limit: 1},
	"hot_over_sha256":                  {limit: 2},
	"hot_allocs":                       {limit: 0},
	"hot_two_cores_over_one":           {limit: 1.8, atLeast: true},
	"fetches_per_1000_requests":        {limit: 0},
	"fetches_in_unknown_kid_flood":     {limit: 1},
	"cache_bytes_after_1m_tokens":      {limit: cacheBytes},
	"protected_over_public_throughput": {limit: 0.9, atLeast: true},
	"protected_over_express":           {limit: 4, atLeast: true},
	"hot_under_flood_over_quiet":       {limit: 0.5, atLeast: true},
	"hot_under_paced_flood_over_quiet": {limit: 0.7, atLeast: true},
	"hot_p99_under_flood_over_quiet":   {limit: 5},
	"newcomers_admitted_in_flood":      {limit: 0.99, atLeast: true},
	"refused_again_over_sha256":        {limit: 3},
	"people_100k_over_100":             {limit: 1.1},
	"search_page_over_first":           {limit: 5},
	"synced_people_per_second.new":     {limit: 5000, atLeast: true},
	"sync_heap_growth_mib.new":         {limit: 16},
}

func (t target) isMetBy(value float64) bool {
	if t.atLeast {
		return value >= t.limit
	}
	return value <= t.limit
}

func (t target) String() string {
	if t.atLeast {
		return "at least " + formatNumber(t.limit)
	}
	return "at most " + formatNumber(t.limit)
}

type report struct {
	tables  [][][]string // each a list of rows; the first row is the header
	figures []figure
}

type figure struct {
	name  string
	value float64
}

func (r *report) addTable(rows [][]string) { r.tables = append(r.tables, rows) }

func (r *report) addFigure(name string, value float64) {
	r.figures = append(r.figures, figure{name, value})
}

func (r *report) print(w io.Writer) (missed []string) {
	for _, rows := range r.tables {
		tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, row := range rows {
			fmt.Fprintf(tw, "%s", row[0])
			for _, cell := range row[1:] {
				fmt.Fprintf(tw, "\t%9s", cell)
			}
			fmt.Fprintln(tw)
		}
		tw.Flush()
		fmt.Fprintln(w)
	}
	for _, f := range r.figures {
		fmt.Fprintln(w, f.name, formatNumber(f.value))
		if t, ok := targets[f.name]; ok && !t.isMetBy(f.value) {
			missed = append(missed, fmt.Sprintf("%s is %s, not %s", f.name, formatNumber(f.value), t))
		}
	}
	return missed
}

func formatNumber(value float64) string {
	if value == float64(int64(value)) {
		return strconv.FormatInt(int64(value), 10)
	}
	return strconv.FormatFloat(value, 'f', 3, 64)
}
