// Bench compares the package auth/token with other JWT libraries and the
// backend with Express, and measures the backend with a lot of data. It prints
// tables and figures, and fails if a figure misses its target.
//
// The arguments select parts; the default is all of them. The parts http, flood,
// people, search and sync need servers: `make bench` starts them.
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

type part struct {
	name    string
	measure func(context.Context, *report) error
}

// The order matters: no part may slow down the next one. An example adds its own.
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

func run(ctx context.Context, names []string) (missed []string, err error) {
	var known []string
	for _, part := range parts {
		known = append(known, part.name)
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("unknown part %q; the parts are %s", name, strings.Join(known, ", "))
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

func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "  "+format+" …\n", args...)
}
