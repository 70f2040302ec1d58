package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
)

// syncResult matches a line of BenchmarkSync in the users service, which syncs
// 100,000 people from a fake of Logto's Management API.
var syncResult = regexp.MustCompile(`(?m)^BenchmarkSync/100000_people,_(new|unchanged)\S*\s.*?([\d.]+) MiB-grown\s+([\d.]+) people/s`)

// measureSync measures a sync in which everybody is new, and one in which nothing
// has changed.
func measureSync(ctx context.Context, r *report) error {
	standIn, application := os.Getenv("STANDIN"), os.Getenv("APPLICATION")
	if standIn == "" || application == "" {
		return errors.New("needs STANDIN, APPLICATION and a database: use make bench")
	}
	progress("syncing 100,000 people")
	cmd := exec.CommandContext(ctx, standIn, "test", "-run", "^$", "-bench", "^BenchmarkSync$", "-benchtime", "1x", "./users")
	cmd.Dir = application
	output, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w\n%s", err, output)
	}
	results := syncResult.FindAllSubmatch(output, -1)
	if len(results) != 2 {
		return fmt.Errorf("no results in\n%s", output)
	}
	rows := [][]string{{"sync of 100,000 people", "people/s", "heap MiB"}}
	for _, result := range results {
		kind := string(result[1])
		heap, err := strconv.ParseFloat(string(result[2]), 64)
		if err != nil {
			return err
		}
		rate, err := strconv.ParseFloat(string(result[3]), 64)
		if err != nil {
			return err
		}
		rows = append(rows, []string{kind, fmt.Sprintf("%.0f", rate), fmt.Sprintf("%.1f", heap)})
		r.addFigure("synced_people_per_second."+kind, rate)
		r.addFigure("sync_heap_growth_mib."+kind, heap)
	}
	r.addTable(rows)
	return nil
}
