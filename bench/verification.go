package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
)

const tokenCount = 1000

// verification has one value for each implementation.
type verification struct {
	algorithm string
	times     []float64 // in nanoseconds
	allocs    []float64
}

func measureVerification(ctx context.Context, r *report) error {
	var all []verification
	for _, algorithm := range []string{"ES384", "ES256", "RS256"} {
		progress("verifying %s tokens", algorithm)
		v, err := measureAlgorithm(ctx, algorithm)
		if err != nil {
			return err
		}
		all = append(all, v)
	}
	r.addTable(verificationTable(all))

	es384 := all[0]
	r.addFigure("cold_over_signature.es384", es384.times[cold]/es384.times[signature])
	for _, v := range all {
		bestPeer := slices.Min(v.times[firstPeer:guide])
		r.addFigure("cold_over_best_peer."+strings.ToLower(v.algorithm), v.times[cold]/bestPeer)
	}
	r.addFigure("hot_over_sha256", es384.times[hot]/es384.times[digest])
	r.addFigure("hot_allocs", es384.allocs[hot])
	return nil
}

func verificationTable(all []verification) [][]string {
	head := []string{"one token"}
	for _, v := range all {
		head = append(head, v.algorithm+" µs")
	}
	table := [][]string{append(head, "allocs")}
	for i, impl := range implementations {
		row := []string{impl.name}
		for _, v := range all {
			row = append(row, fmt.Sprintf("%.2f", v.times[i]/1e3))
		}
		table = append(table, append(row, formatNumber(all[0].allocs[i])))
	}
	return table
}

func measureAlgorithm(ctx context.Context, algorithm string) (verification, error) {
	v := verification{algorithm: algorithm}
	is, err := newIssuer(algorithm)
	if err != nil {
		return v, err
	}
	defer is.close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // stops background fetches of keys

	operations, err := verifyOperations(ctx, is)
	if err != nil {
		return v, err
	}
	if v.times, err = compare(ctx, operations); err != nil {
		return v, err
	}
	for _, op := range operations {
		i := 0
		v.allocs = append(v.allocs, testing.AllocsPerRun(tokenCount/10, func() {
			_ = op.run(i) // compare has checked its errors
			i++
		}))
	}
	return v, nil
}

// verifyOperations returns an operation for each implementation. All of them use
// the same tokens.
func verifyOperations(ctx context.Context, is *issuer) ([]operation, error) {
	tokens, err := is.tokens(tokenCount)
	if err != nil {
		return nil, err
	}
	operations := make([]operation, len(implementations))
	for i, impl := range implementations {
		check, err := impl.new(ctx, is)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", impl.name, err)
		}
		operations[i] = operation{func(i int) error {
			if err := check(ctx, tokens[i%tokenCount]); err != nil {
				return fmt.Errorf("%s: %w", impl.name, err)
			}
			return nil
		}, 1}
	}
	return operations, nil
}
