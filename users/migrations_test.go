package users

import (
	"testing"

	"encore.app/internal/migrationtest"
)

func TestMigrations(t *testing.T) {
	migrationtest.Apply(t, db.Stdlib(), "migrations", map[string]string{
		"users":             `INSERT INTO users (logto_id, name, email) SELECT i, 'Person ' || i, 'person' || i || '@example.com' FROM generate_series(1, 1000) AS i`,
		"forgotten":         `INSERT INTO forgotten (logto_id) SELECT i FROM generate_series(1, 1000) AS i`,
		"deletions":         `INSERT INTO deletions (user_id, due_at) SELECT i, now() FROM generate_series(1, 1000) AS i`,
		"syncs":             `INSERT INTO syncs (finished_at) VALUES (now())`,
		"changes":           `INSERT INTO changes (logto_id, changed_at) SELECT i, now() FROM generate_series(1, 1000) AS i`,
		"identity_provider": `INSERT INTO identity_provider (jwks_uri) VALUES ('https://logto.example/oidc/jwks')`,
	})
}
