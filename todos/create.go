package todos

import (
	"context"
	"crypto/sha256"
	"errors"

	"encore.dev/beta/errs"
	"encore.dev/storage/sqldb"

	"encore.app/internal/fault"
)

// CreateParams are the parameters of Create.
type CreateParams struct {
	// Text says what to do: 1 to 500 characters as people count them, 20,000
	// bytes at most, at least one of them visible, no line breaks and no other
	// control characters. Blanks and line breaks around it are cut off.
	Text string `json:"text" encore:"sensitive"`
	// IdempotencyKey makes a request safe to repeat: within a day the caller's
	// requests with one key and one text for one list make one todo. It has 1
	// to 255 visible ASCII characters, and is best a random UUID.
	IdempotencyKey string `header:"Idempotency-Key" encore:"optional,sensitive"`
}

// Create adds a todo to the caller's list. A request that repeats an
// Idempotency-Key gets the todo that the first one made, as it is now.
//
// It returns errs.InvalidArgument for a text or key that can't be one,
// errs.AlreadyExists if the key was used for another text or for a todo that is
// deleted by now, and errs.Unavailable if the database can't be reached.
//
//encore:api auth sensitive method=POST path=/todos tag:person tag:scope-write-todos
func Create(ctx context.Context, p *CreateParams) (*Todo, error) {
	ctx, cancel := context.WithTimeout(ctx, fault.QueryTimeout)
	defer cancel()

	text, err := parseText(p.Text)
	if err != nil {
		return nil, err
	}
	l := callersList()
	if p.IdempotencyKey == "" {
		return insert(ctx, l, text)
	}
	if !isKey(p.IdempotencyKey) {
		return nil, invalid("the Idempotency-Key is not 1 to 255 visible ASCII characters")
	}
	return insertOnce(ctx, l, text, p.IdempotencyKey)
}

func isKey(key string) bool {
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

// insertOnce makes the todo together with the note that the key is used, or
// neither. A request that comes second waits for the first and finds its note.
//
// Each use of a key deletes up to ten that are older than a day, so their number
// stays that of a day without a job to see to it.
func insertOnce(ctx context.Context, l list, text, key string) (*Todo, error) {
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
		return made(ctx, l, digest, key)
	} else if err != nil {
		return nil, fault.Database(ctx, "create todo", err)
	}
	return &t, nil
}

// made returns the todo that was made with the key.
func made(ctx context.Context, l list, digest [sha256.Size]byte, key string) (*Todo, error) {
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
		return nil, &errs.Error{Code: errs.AlreadyExists, Message: "the Idempotency-Key was used for another text: use a new one"}
	}
	t, err := find(ctx, l, id)
	if errs.Code(err) == errs.NotFound {
		return nil, &errs.Error{Code: errs.AlreadyExists, Message: "the todo made with this Idempotency-Key was deleted: use a new one to make another"}
	}
	return t, err
}
