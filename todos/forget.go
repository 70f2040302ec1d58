package todos

import (
	"context"
	"math"

	"encore.dev/pubsub"

	"encore.app/internal/fault"
	"encore.app/users"
)

// forgetBatch keeps statements short, so that they don't hold locks for long.
const forgetBatch = 1000

var _ = pubsub.NewSubscription(users.Deleted, "forget-todos", pubsub.SubscriptionConfig[*users.DeletedEvent]{
	Handler: forget,
	// Nothing else would delete the data of a lost event.
	RetryPolicy: &pubsub.RetryPolicy{MaxRetries: pubsub.InfiniteRetries},
})

// forget deletes a deleted person's own todos and keys. Todos in organizations stay, but
// lose their owner. Repeating an event does no harm.
func forget(ctx context.Context, event *users.DeletedEvent) error {
	if err := inBatches(ctx, event.UserID, `
		WITH deleted AS (
			DELETE FROM todos WHERE id = ANY (ARRAY(
				SELECT id FROM todos
				WHERE owner_id >= $1 AND (owner_id, id) < ($1, $2) AND organization_id IS NULL
				ORDER BY owner_id DESC, id DESC
				LIMIT $3
			))
			RETURNING id
		)
		SELECT COALESCE(min(id), 0) FROM deleted
	`); err != nil {
		return err
	}
	if err := inBatches(ctx, event.UserID, `
		WITH changed AS (
			UPDATE todos SET owner_id = NULL WHERE id = ANY (ARRAY(
				SELECT id FROM todos
				WHERE owner_id >= $1 AND (owner_id, id) < ($1, $2) AND organization_id IS NOT NULL
				ORDER BY owner_id DESC, id DESC
				LIMIT $3
			))
			RETURNING id
		)
		SELECT COALESCE(min(id), 0) FROM changed
	`); err != nil {
		return err
	}
	return forgetKeys(ctx, event.UserID)
}

func forgetKeys(ctx context.Context, person int64) error {
	for deleted := int64(1); deleted > 0; {
		batch, cancel := context.WithTimeout(ctx, fault.QueryTimeout)
		result, err := db.Exec(batch, `
			DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
				SELECT ctid FROM idempotency_keys WHERE user_id = $1
				ORDER BY user_id, organization_id, key LIMIT $2
			))
		`, person, forgetBatch)
		cancel()
		if err != nil {
			return err
		}
		deleted = result.RowsAffected()
	}
	return nil
}

// inBatches repeats a statement until it changes no rows. Its parameters are the person's
// id, the id to continue below and the batch size. It returns the lowest id changed, or 0.
func inBatches(ctx context.Context, person int64, statement string) error {
	for below := int64(math.MaxInt64); below > 0; {
		batch, cancel := context.WithTimeout(ctx, fault.QueryTimeout)
		err := db.QueryRow(batch, statement, person, below, forgetBatch).Scan(&below)
		cancel()
		if err != nil {
			return err
		}
	}
	return nil
}
