// Service messages publishes messages and remembers how they are delivered.
package messages

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

	"probe.app/visits"
)

// Message is what is published.
type Message struct {
	ID string
	// Fail is how often the handlers fail, Panic how often they panic after that.
	Fail, Panic int
	// Labels are spoilt by everybody who has them in hand.
	Labels []string
	Kept   string `json:"-"`
}

// Messages is a topic.
var Messages = pubsub.NewTopic[*Message]("messages", pubsub.TopicConfig{DeliveryGuarantee: pubsub.AtLeastOnce})

var _ = pubsub.NewSubscription(Messages, "by-function", pubsub.SubscriptionConfig[*Message]{
	Handler:     byFunction,
	AckDeadline: 10 * time.Second,
	RetryPolicy: &pubsub.RetryPolicy{MinBackoff: time.Second, MaxBackoff: time.Second, MaxRetries: 3},
})

var _ = pubsub.NewSubscription(Messages, "by-method", pubsub.SubscriptionConfig[*Message]{
	Handler:        pubsub.MethodHandler((*Service).byMethod),
	MaxConcurrency: 5,
	RetryPolicy:    &pubsub.RetryPolicy{MinBackoff: time.Second, MaxBackoff: time.Second, MaxRetries: pubsub.InfiniteRetries},
})

// Delivery is how a message came.
type Delivery struct {
	Subscription string
	Labels       []string
	Published    string
	// Request is what encore.CurrentRequest says, and who calls.
	Request string
	// Count is how often a private endpoint was called for it.
	Count int
	// Kept is of the message, but not of its JSON.
	Kept string
}

// Service is what it is for the sake of MethodHandler.
//
//encore:service
type Service struct{ name string }

func initService() (*Service, error) { return &Service{name: "by-method"}, nil }

func byFunction(ctx context.Context, msg *Message) error { return deliver(ctx, "by-function", msg) }

func (s *Service) byMethod(ctx context.Context, msg *Message) error { return deliver(ctx, s.name, msg) }

func deliver(ctx context.Context, subscription string, msg *Message) error {
	r := encore.CurrentRequest()
	uid, ok := auth.UserID()
	visit, err := visits.Add(ctx, &visits.AddParams{Name: subscription + "-" + msg.ID})
	if err != nil {
		return err
	}
	_, hasDeadline := ctx.Deadline()
	known.add(msg.ID, Delivery{
		Subscription: subscription, Labels: slices.Clone(msg.Labels), Published: r.Message.ID, Count: visit.Count, Kept: msg.Kept,
		Request: fmt.Sprintf("%s to %s, %s, %s, %s, attempt %d, payload %t, API %t, path %q, by %q %t, deadline %t",
			r.Type, r.Service, r.Message.Service, r.Message.Topic, r.Message.Subscription, r.Message.DeliveryAttempt,
			r.Payload == msg, r.API != nil, r.Path, uid, ok, hasDeadline),
	})
	msg.Labels[0] = subscription
	attempt := r.Message.DeliveryAttempt
	if attempt <= msg.Fail {
		return errors.New("told to fail")
	} else if attempt <= msg.Fail+msg.Panic {
		panic("told to panic")
	}
	return nil
}

// PublishResponse is the id of a message.
type PublishResponse struct{ ID string }

// Publish publishes a message.
//
//encore:api public method=POST path=/messages
func Publish(ctx context.Context, msg *Message) (*PublishResponse, error) {
	msg.Kept = "in memory"
	id, err := Messages.Publish(ctx, msg)
	msg.Labels[0] = "publisher"
	return &PublishResponse{id}, err
}

// PublishLate publishes with a context that is over.
//
//encore:api public method=POST path=/messages/late
func PublishLate(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	_, err := Messages.Publish(ctx, &Message{})
	return err
}

// ListResponse are the deliveries of a message.
type ListResponse struct{ Deliveries []Delivery }

// List waits for as many deliveries of the message to the subscription.
//
//encore:api public method=GET path=/messages/:id/:subscription/:count
func List(ctx context.Context, id, subscription string, count int) (*ListResponse, error) {
	for {
		found, changed := known.get(id, subscription)
		if len(found) >= count {
			return &ListResponse{found}, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// deliveries remembers deliveries.
type deliveries struct {
	mu      sync.Mutex
	all     map[string][]Delivery
	changed chan struct{} // is closed with a delivery
}

var known = deliveries{all: map[string][]Delivery{}, changed: make(chan struct{})}

func (d *deliveries) add(id string, delivery Delivery) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all[id] = append(d.all[id], delivery)
	close(d.changed)
	d.changed = make(chan struct{})
}

func (d *deliveries) get(id, subscription string) (found []Delivery, changed <-chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, delivery := range d.all[id] {
		if delivery.Subscription == subscription {
			found = append(found, delivery)
		}
	}
	return found, d.changed
}
