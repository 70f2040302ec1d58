package todos

import (
	"context"
	"crypto/sha256"
	"errors"

	"encore.dev/beta/errs"
	"encore.dev/storage/sqldb"

	"encore.app/internal/fault"
)

type CreateParams struct {
	// Text has 1 to 500 characters (grapheme clusters), at most 20,000 bytes, and at
	// least one visible character. It has no line breaks or other control characters,
	// except around it, where whitespace is removed.
	Text string `json:"text" encore:"sensitive"`
	// IdempotencyKey makes retries safe: for a day, requests with the same key, text
	// and list create one todo. It has 1 to 255 visible ASCII characters.
	IdempotencyKey string `header:"Idempotency-Key" encore:"optional,sensitive"`
}

// Create adds a todo to the caller's list. If the Idempotency-Key was used before, it
// returns the todo that the first request created, in its current state.
//
// It returns errs.InvalidArgument if the text or key is not valid, errs.AlreadyExists
// if the key was used for another text or the todo was deleted, and errs.Unavailable
// if the database can't be reached.
//
//encore:api auth sensitive method=POST path=/todos tag:person tag:scope-write-todos
func Create(ctx context.Context, p *CreateParams) (*Todo, error) {
	ctx, cancel := context.WithTimeout(ctx, fault.QueryTimeout)
	defer cancel()

	text, err := parseText(p.Text)
	if err != nil {
		return nil, err
	}
	l := callerList()
	if p.IdempotencyKey == "" {
		return insert(ctx, l, text)
	}
	if !isValidKey(p.IdempotencyKey) {
		return nil, invalid("the Idempotency-Key must have 1 to 255 visible ASCII characters")
	}
	return insertIdempotent(ctx, l, text, p.IdempotencyKey)
}

func isValidKey(key string) bool {
	for i := range len(key) {
		if key[i] <= ' ' || key[i] > '~' {
			return false
		}
	}
	return len(key) <= 255
}

func insert(ctx context.Context, l list, text string) (*Todo, error) {
	var t Todo
	err := db.QueryRow(ctx, `
		INSERT INTO todos (owner_id, organization_id, text)
		VALUES ($1, $2, $3)
		RETURNING `+columns,
		l.person, l.organizationID(), text).Scan(t.fields()...)
	if err != nil {
		return nil, fault.Database(ctx, "create todo", err)
	}
	return &t, nil
}

// insertIdempotent inserts the todo and the key in one statement, so a concurrent request
// with the same key waits for it. It also deletes up to ten keys older than a day.
func insertIdempotent(ctx context.Context, l list, text, key string) (*Todo, error) {
	digest := sha256.Sum256([]byte(text))
	var t Todo
	err := db.QueryRow(ctx, `
		WITH expired AS (
			DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
				SELECT ctid FROM idempotency_keys
				WHERE created_at < now() - INTERVAL '1 day'
				AND (user_id, organization_id, key) <> ($1, $2, $3)
				ORDER BY created_at LIMIT 10
				FOR UPDATE SKIP LOCKED
			))
		), used AS (
			INSERT INTO idempotency_keys (user_id, organization_id, key, text_sha256, todo_id)
			VALUES ($1, $2, $3, $4, nextval(pg_get_serial_sequence('todos', 'id')))
			ON CONFLICT DO NOTHING
			RETURNING user_id, NULLIF(organization_id, '') AS organization_id, todo_id
		)
		INSERT INTO todos (id, owner_id, organization_id, text)
		OVERRIDING SYSTEM VALUE
		SELECT todo_id, user_id, organization_id, $5 FROM used
		RETURNING `+columns,
		l.person, l.organization, key, digest[:], text).Scan(t.fields()...)
	if errors.Is(err, sqldb.ErrNoRows) {
		return findByKey(ctx, l, digest, key)
	} else if err != nil {
		return nil, fault.Database(ctx, "create todo", err)
	}
	return &t, nil
}

func findByKey(ctx context.Context, l list, digest [sha256.Size]byte, key string) (*Todo, error) {
	var id int64
	var sameText bool
	err := db.QueryRow(ctx, `
		SELECT todo_id, text_sha256 = $4 FROM idempotency_keys
		WHERE user_id = $1 AND organization_id = $2 AND key = $3
	`, l.person, l.organization, key, digest[:]).Scan(&id, &sameText)
	if err != nil {
		return nil, fault.Database(ctx, "read idempotency key", err)
	}
	if !sameText {
		return nil, &errs.Error{Code: errs.AlreadyExists, Message: "the Idempotency-Key was used for another text: use a new key"}
	}
	t, err := find(ctx, l, id)
	if errs.Code(err) == errs.NotFound {
		return nil, &errs.Error{Code: errs.AlreadyExists, Message: "the todo created with this Idempotency-Key was deleted: use a new key to create another"}
	}
	return t, err
}
