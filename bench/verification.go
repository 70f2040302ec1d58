package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// tokenCount is how many different tokens are verified in turn.
const tokenCount = 1000

// verification is what was measured with the tokens of an algorithm.
type verification struct {
	algorithm string
	times     []float64 // in nanoseconds
	allocs    []float64
}

// measureVerification compares this package with the two limits and with other
// libraries.
func measureVerification(ctx context.Context, r *report) error {
	var all []verification
	for _, algorithm := range []string{"ES384", "ES256", "RS256"} {
		progress("verifying %s tokens", algorithm)
		v, err := newVerification(ctx, algorithm)
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
	for i, way := range ways {
		row := []string{way.name}
		for _, v := range all {
			row = append(row, fmt.Sprintf("%.2f", v.times[i]/1e3))
		}
		table = append(table, append(row, number(all[0].allocs[i])))
	}
	return table
}

func newVerification(ctx context.Context, algorithm string) (verification, error) {
	v := verification{algorithm: algorithm}
	is, err := newIssuer(algorithm)
	if err != nil {
		return v, err
	}
	defer is.close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends what goes on in the background

	operations, err := verifications(ctx, is)
	if err != nil {
		return v, err
	}
	if v.times, err = compare(ctx, operations); err != nil {
		return v, err
	}
	for _, op := range operations {
		i := 0
		v.allocs = append(v.allocs, testing.AllocsPerRun(tokenCount/10, func() {
			_ = op.run(i) // it was run before, and the error looked at
			i++
		}))
	}
	return v, nil
}

// verifications returns the ways, each with the same tokens.
func verifications(ctx context.Context, is *issuer) ([]operation, error) {
	tokens, err := is.tokens(tokenCount)
	if err != nil {
		return nil, err
	}
	operations := make([]operation, len(ways))
	for i, way := range ways {
		check, err := way.new(ctx, is)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", way.name, err)
		}
		operations[i] = operation{func(i int) error {
			if err := check(ctx, tokens[i%tokenCount]); err != nil {
				return fmt.Errorf("%s: %w", way.name, err)
			}
			return nil
		}, 1}
	}
	return operations, nil
}
