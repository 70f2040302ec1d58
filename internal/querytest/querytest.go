// Package querytest measures what queries cost, for tests.
package querytest

import (
	"encoding/json"
	"testing"

	"encore.dev/storage/sqldb"
)

// Exec runs a statement in the transaction.
func Exec(t testing.TB, tx *sqldb.Tx, statement string, args ...any) {
	t.Helper()
	if _, err := tx.Exec(t.Context(), statement, args...); err != nil {
		t.Fatal(err)
	}
}

// Blocks runs a query in the transaction. It returns how many database blocks the query
// read, and its plan.
func Blocks(t testing.TB, tx *sqldb.Tx, query string, args ...any) (blocks int, plan []byte) {
	t.Helper()
	if err := tx.QueryRow(t.Context(), "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "+query, args...).Scan(&plan); err != nil {
		t.Fatal(err)
	}
	var plans []struct {
		Plan struct {
			Hit  int `json:"Shared Hit Blocks"`
			Read int `json:"Shared Read Blocks"`
		}
	}
	if err := json.Unmarshal(plan, &plans); err != nil || len(plans) != 1 {
		t.Fatalf("err = %v, plan = %s", err, plan)
	}
	return plans[0].Plan.Hit + plans[0].Plan.Read, plan
}
