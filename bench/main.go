// Bench measures the package auth/token side by side with other people's
// libraries, the running backend side by side with Express, and what the
// backend's calls cost when there is much data. It prints tables and figures,
// and fails if a figure misses its target.
//
// Without arguments it measures everything; the names of parts select some. The
// parts http, flood, people, search and sync need servers: `make bench` starts them.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

// part is something that is measured.
type part struct {
	name    string
	measure func(context.Context, *report) error
}

// parts are in an order in which none disturbs the next. An example adds its own.
var parts = []part{
	{"verify", measureVerification},
	{"cores", measureCores},
	{"caches", measureCaches},
	{"keys", measureKeyFetches},
	{"memory", measureMemory},
	{"http", measureHTTP},
	{"flood", measureFlood},
	{"people", measurePeople},
	{"search", measureSearches},
	{"sync", measureSync},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	missed, err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	for _, m := range missed {
		fmt.Fprintln(os.Stderr, "missed:", m)
	}
	if len(missed) > 0 {
		os.Exit(1)
	}
}

// run measures the parts with the names, or all, and returns the targets missed.
func run(ctx context.Context, names []string) (missed []string, err error) {
	var known []string
	for _, part := range parts {
		known = append(known, part.name)
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("there is no part %q, only %s", name, strings.Join(known, ", "))
		}
	}
	var r report
	for _, part := range parts {
		if len(names) > 0 && !slices.Contains(names, part.name) {
			continue
		}
		if err := part.measure(ctx, &r); err != nil {
			return nil, fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return r.print(os.Stdout), nil
}

// progress tells what is being measured.
func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "  "+format+" …\n", args...)
}
