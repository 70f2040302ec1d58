package users

import (
	"context"
	"errors"
	"time"

	"encore.dev/beta/auth"
	"encore.dev/beta/errs"
	"encore.dev/pubsub"
	"encore.dev/rlog"
	"encore.dev/storage/sqldb"

	"encore.app/internal/fault"
)

// forgetInterval is the shortest time between two Forgets of the same person. Each
// one costs work in the other services and a request to Logto.
const forgetInterval = time.Minute

// Forget deletes the caller's row. The event Deleted makes the other services delete
// their data. If the person calls again, they get a new row and id.
//
// It returns errs.PermissionDenied if the person is suspended, because a new row would
// not be; errs.Unauthenticated if they were deleted in Logto; errs.ResourceExhausted if
// they did this less than a minute ago; and errs.Unavailable if the database can't be
// reached.
//
//encore:api auth sensitive method=DELETE path=/users/me tag:no-scope tag:person
func Forget(ctx context.Context) error {
	uid, _ := auth.UserID()
	_, err := forget(ctx, string(uid))
	return err
}

// forget returns the id of the deleted row, or 0 if there was none.
func forget(ctx context.Context, logtoID string) (userID int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, fault.QueryTimeout)
	defer cancel()
	err = inTransaction(ctx, func(tx *sqldb.Tx) ([]string, error) {
		if err := lockPeople(ctx, tx, logtoID); err != nil {
			return nil, err
		}
		if userID, err = findForgettable(ctx, tx, logtoID); err != nil || userID == 0 {
			return nil, err
		}
		for _, statement := range []string{
			// The time of the last state is kept, so that older states are still
			// ignored if the person comes back.
			`INSERT INTO forgotten (logto_id, logto_updated_at) SELECT logto_id, logto_updated_at FROM users WHERE id = $1`,
			`INSERT INTO deletions (user_id, due_at) VALUES ($1, now())`,
			`DELETE FROM users WHERE id = $1`,
		} {
			if _, err := tx.Exec(ctx, statement, userID); err != nil {
				return nil, err
			}
		}
		return []string{logtoID}, nil
	})
	if _, ok := errors.AsType[*errs.Error](err); ok {
		return 0, err
	} else if err != nil {
		return 0, fault.Database(ctx, "forget user", err)
	}
	return userID, nil
}

// findForgettable returns 0 if there is no row, and an *errs.Error if it must not be deleted.
func findForgettable(ctx context.Context, tx *sqldb.Tx, logtoID string) (userID int64, err error) {
	var suspended, deleted bool
	var forgottenAgo *float64 // seconds
	err = tx.QueryRow(ctx, `
		SELECT id, suspended, deleted_at IS NOT NULL, EXTRACT(EPOCH FROM now() - forgotten_at)::float8
		FROM users WHERE logto_id = $1
	`, logtoID).Scan(&userID, &suspended, &deleted, &forgottenAgo)
	switch {
	case errors.Is(err, sqldb.ErrNoRows):
		return 0, nil
	case err != nil:
		return 0, err
	case deleted:
		return 0, &errs.Error{Code: errs.Unauthenticated, Message: "your account was deleted"}
	case suspended:
		return 0, &errs.Error{Code: errs.PermissionDenied, Message: "your account is suspended"}
	case forgottenAgo != nil && *forgottenAgo < forgetInterval.Seconds():
		wait := forgetInterval - time.Duration(*forgottenAgo*float64(time.Second))
		return 0, fault.TooMany("you deleted your account less than a minute ago: try again later", wait)
	}
	return userID, nil
}

type DeletedEvent struct {
	// UserID was the person's internal id. Ids are never reused.
	UserID int64
}

// Deleted is the topic of deleted people. Subscribers delete what belongs to them.
// Each event is published at least twice: immediately, and again after republishDelay,
// because a call that was still running may have added something.
var Deleted = pubsub.NewTopic[*DeletedEvent]("user-deleted", pubsub.TopicConfig{
	DeliveryGuarantee: pubsub.AtLeastOnce,
})

const (
	publishTimeout = 5 * time.Second
	pollInterval   = 5 * time.Second
	// After publishLease, another instance may try to publish the event.
	publishLease = 10 * time.Second
	// republishDelay is longer than an instance may go on to accept the person's token
	// (a second) plus the longest call.
	republishDelay = time.Minute
)

// outbox publishes the rows of the table deletions. The transaction that deletes the
// person writes the row, so no event is lost if publishing fails or the process ends.
type outbox struct {
	publish func(context.Context, *DeletedEvent) error
	wakeup  chan struct{} // has an item if there may be due rows
}

var deletions = outbox{
	publish: func(ctx context.Context, event *DeletedEvent) error {
		_, err := Deleted.Publish(ctx, event)
		return err
	},
	wakeup: make(chan struct{}, 1),
}

var publishErrors = fault.NewLines(rlog.Error)

func (o outbox) wake() {
	select {
	case o.wakeup <- struct{}{}:
	default:
	}
}

func (o outbox) run(ctx context.Context) {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		if err := o.sendDue(ctx); err != nil && ctx.Err() == nil {
			publishErrors.Add("deleted users can't be published, trying again in a moment", "err", err)
		}
		select {
		case <-o.wakeup:
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// sendDue publishes all due rows, no matter which instance wrote them.
func (o outbox) sendDue(ctx context.Context) error {
	const batch = 100
	for {
		due, err := claim(ctx, batch)
		if err != nil {
			return err
		}
		for _, d := range due {
			if err := o.send(ctx, d); err != nil {
				return err
			}
		}
		if len(due) < batch {
			return nil
		}
	}
}

type deletion struct {
	userID    int64
	published bool // at least once
}

// claim leases up to limit due rows to the caller.
func claim(ctx context.Context, limit int) (due []deletion, err error) {
	ctx, cancel := context.WithTimeout(ctx, fault.QueryTimeout)
	defer cancel()
	rows, err := db.Query(ctx, `
		UPDATE deletions SET due_at = now() + $1 * INTERVAL '1 second'
		WHERE user_id IN (
			SELECT user_id FROM deletions WHERE due_at <= now()
			ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED
		)
		RETURNING user_id, published
	`, publishLease.Seconds(), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var d deletion
		if err := rows.Scan(&d.userID, &d.published); err != nil {
			return nil, err
		}
		due = append(due, d)
	}
	return due, rows.Err()
}

// send publishes a leased event and records that. If publishing outlasts the lease,
// another instance may publish the event too. The two count as one publication.
func (o outbox) send(ctx context.Context, d deletion) error {
	publishCtx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	if err := o.publish(publishCtx, &DeletedEvent{UserID: d.userID}); err != nil {
		return err
	}
	updateCtx, cancel := context.WithTimeout(ctx, fault.QueryTimeout)
	defer cancel()
	if d.published {
		_, err := db.Exec(updateCtx, `DELETE FROM deletions WHERE user_id = $1`, d.userID)
		return err
	}
	_, err := db.Exec(updateCtx, `
		UPDATE deletions SET published = TRUE, due_at = now() + $2 * INTERVAL '1 second'
		WHERE user_id = $1 AND NOT published
	`, d.userID, republishDelay.Seconds())
	return err
}
