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

// forgetInterval is how long somebody who deleted themselves and came back must wait
// until they can do so again. Each time the other services have to delete, and Logto
// is asked about a new person.
const forgetInterval = time.Minute

// Forget deletes the caller's row, and by the topic Deleted everything that other
// services store about them. If they call again, they are a new person. Without a
// row it does nothing.
//
// It returns errs.PermissionDenied to somebody suspended, who could otherwise end
// that so, errs.Unauthenticated if they were deleted in Logto,
// errs.ResourceExhausted if they did this within the last minute and came back,
// and errs.Unavailable if the database can't be reached.
//
//encore:api auth sensitive method=DELETE path=/users/me tag:no-scope tag:person
func Forget(ctx context.Context) error {
	uid, _ := auth.UserID()
	_, err := forget(ctx, string(uid))
	return err
}

// forget deletes the person's row and queues its DeletedEvent. It returns the id,
// or 0 if there was no row.
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
			// The time of the newest state stays, so that older ones are still
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

// findForgettable returns the id of the person's row, or 0 if there is none. It
// returns an error for the caller if the row must stay.
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
		return 0, fault.TooMany("you were forgotten a moment ago and have come back: try again later", wait)
	}
	return userID, nil
}

// DeletedEvent says that a person was deleted.
type DeletedEvent struct {
	// UserID was the person's internal id. Nobody else gets it.
	UserID int64
}

// Deleted has an event for each person who is deleted, so that other services
// delete what belongs to them. Each event is published at least twice: at once, and
// when all calls of the person must have ended, since one of these may still have
// added something.
var Deleted = pubsub.NewTopic[*DeletedEvent]("user-deleted", pubsub.TopicConfig{
	DeliveryGuarantee: pubsub.AtLeastOnce,
})

const (
	// publishTimeout bounds the publishing of one event.
	publishTimeout = 5 * time.Second
	// publishRetry is how often due events are looked for.
	publishRetry = 5 * time.Second
	// publishLease is how long an instance that publishes an event has it for
	// itself. After that, another instance may try.
	publishLease = 10 * time.Second
	// publishAgain is how much later an event is published again. For a second an
	// instance may still accept calls of the person; this is longer than that and
	// such a call together.
	publishAgain = time.Minute
)

// outbox publishes the rows of the table deletions. They are written in the
// transaction of the deletion, so none is lost if publishing fails or the
// application ends.
type outbox struct {
	publish func(context.Context, *DeletedEvent) error
	more    chan struct{} // holds an item if there may be rows that are due
}

var deletions = outbox{
	publish: func(ctx context.Context, event *DeletedEvent) error {
		_, err := Deleted.Publish(ctx, event)
		return err
	},
	more: make(chan struct{}, 1),
}

// unpublished logs that events can't be published: run is woken by each deletion.
var unpublished = fault.NewLines(rlog.Error)

// wake makes run look for rows at once.
func (o outbox) wake() {
	select {
	case o.more <- struct{}{}:
	default:
	}
}

// run publishes what is due until the context ends.
func (o outbox) run(ctx context.Context) {
	tick := time.NewTicker(publishRetry)
	defer tick.Stop()
	for {
		if err := o.sendDue(ctx); err != nil && ctx.Err() == nil {
			unpublished.Add("deleted users can't be published, trying again in a moment", "err", err)
		}
		select {
		case <-o.more:
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// sendDue publishes what is due, by any instance of the application.
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

// deletion is a row of deletions.
type deletion struct {
	userID    int64
	published bool // once already
}

// claim takes up to limit rows that are due and leases them to the caller.
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

// send publishes an event that the caller has the lease of, and notes it. If it
// took longer than the lease another instance may have published the event too:
// these two, a moment apart, are its first time.
func (o outbox) send(ctx context.Context, d deletion) error {
	publishing, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	if err := o.publish(publishing, &DeletedEvent{UserID: d.userID}); err != nil {
		return err
	}
	noting, cancel := context.WithTimeout(ctx, fault.QueryTimeout)
	defer cancel()
	if d.published {
		_, err := db.Exec(noting, `DELETE FROM deletions WHERE user_id = $1`, d.userID)
		return err
	}
	_, err := db.Exec(noting, `
		UPDATE deletions SET published = TRUE, due_at = now() + $2 * INTERVAL '1 second'
		WHERE user_id = $1 AND NOT published
	`, d.userID, publishAgain.Seconds())
	return err
}
