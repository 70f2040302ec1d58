package users

import (
	"context"
	"time"

	"encore.dev/pubsub"
	"encore.dev/rlog"

	"encore.app/internal/fault"
)

// DeletedEvent says that a person is no more.
type DeletedEvent struct {
	// UserID was the person's internal id. It is not given to anybody again.
	UserID int64
}

// Deleted tells the other services of each person who is deleted, so that they
// delete what belongs to them. It tells of each at least twice: at once, and when
// no call of the person can be under way any more, since until then one could
// still add something.
var Deleted = pubsub.NewTopic[*DeletedEvent]("user-deleted", pubsub.TopicConfig{
	DeliveryGuarantee: pubsub.AtLeastOnce,
})

const (
	// publishTimeout bounds the publishing of one event.
	publishTimeout = 5 * time.Second
	// publishRetry is how often a look is taken for events to be published.
	publishRetry = 5 * time.Second
	// publishLease is how long an instance that publishes an event has it for
	// itself. If it isn't published by then, another try is made.
	publishLease = 10 * time.Second
	// publishAgain is when an event is published again. It is longer than the second
	// for which an instance may still take the person for who they were, and the
	// time that a call which begins in it may take.
	publishAgain = time.Minute
)

// outbox publishes the rows of the table deletions. They are written together
// with the deletion, so that none is lost if publishing fails or the application
// ends in between.
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
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
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
	noting, cancel := context.WithTimeout(ctx, queryTimeout)
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
