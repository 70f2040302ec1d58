package todos

import (
	"testing"

	"encore.app/internal/migrationtest"
)

func TestMigrations(t *testing.T) {
	migrationtest.Apply(t, db.Stdlib(), "migrations", map[string]string{
		"todos":            `INSERT INTO todos (owner_id, text) SELECT i, 'something to do' FROM generate_series(1, 1000) AS i`,
		"idempotency_keys": `INSERT INTO idempotency_keys (user_id, organization_id, key, text_sha256, todo_id) SELECT i, '', 'key', '', i FROM generate_series(1, 1000) AS i`,
	})
}
