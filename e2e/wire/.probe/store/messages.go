package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	encore "encore.dev"
	"encore.dev/beta/auth"
	"encore.dev/pubsub"
)

// Message is a message of the topic.
type Message struct {
	ID string
	// Fail is how often the handlers fail, Panic how often they panic after that.
	Fail, Panic int
	// Labels are changed by everybody who gets the message.
	Labels []string
}

// Messages is the topic.
var Messages = pubsub.NewTopic[*Message]("messages", pubsub.TopicConfig{DeliveryGuarantee: pubsub.AtLeastOnce})

var _ = pubsub.NewSubscription(Messages, "limited", pubsub.SubscriptionConfig[*Message]{
	Handler:     func(ctx context.Context, m *Message) error { return handle(ctx, "limited", m) },
	AckDeadline: 10 * time.Second,
	RetryPolicy: &pubsub.RetryPolicy{MinBackoff: time.Second, MaxBackoff: time.Second, MaxRetries: 3},
})

var _ = pubsub.NewSubscription(Messages, "infinite", pubsub.SubscriptionConfig[*Message]{
	Handler:     func(ctx context.Context, m *Message) error { return handle(ctx, "infinite", m) },
	RetryPolicy: &pubsub.RetryPolicy{MinBackoff: time.Second, MaxBackoff: time.Second, MaxRetries: pubsub.InfiniteRetries},
})

var (
	mu         sync.Mutex
	deliveries = map[string][]string{} // by message and subscription
)

func handle(ctx context.Context, subscription string, m *Message) error {
	visits, err := Visit(ctx, &VisitParams{Name: m.ID + subscription}) // an endpoint can be called
	if err != nil {
		return err
	}
	uid, signedIn := auth.UserID()
	_, hasDeadline := ctx.Deadline()
	mu.Lock()
	defer mu.Unlock()
	deliveries[m.ID+subscription] = append(deliveries[m.ID+subscription],
		fmt.Sprintf("%d: labels %v, %s, by %q %t, deadline %t",
			visits.Count, m.Labels, encore.CurrentRequest().Type, uid, signedIn, hasDeadline))
	m.Labels[0] = subscription
	if visits.Count <= m.Fail {
		return errors.New("told to fail")
	} else if visits.Count <= m.Fail+m.Panic {
		panic("told to panic")
	}
	return nil
}

//encore:api public method=POST path=/messages
func Publish(ctx context.Context, m *Message) error {
	_, err := Messages.Publish(ctx, m)
	m.Labels[0] = "publisher"
	return err
}

// DeliveriesResponse describes the deliveries of a message to a subscription.
type DeliveriesResponse struct{ Deliveries []string }

//encore:api public method=GET path=/messages/:id/:subscription
func Deliveries(_ context.Context, id, subscription string) (*DeliveriesResponse, error) {
	mu.Lock()
	defer mu.Unlock()
	return &DeliveriesResponse{slices.Clone(deliveries[id+subscription])}, nil
}
