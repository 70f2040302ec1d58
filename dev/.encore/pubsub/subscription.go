package pubsub

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"time"

	encore "encore.dev"
	"encore.dev/internal/current"
	"encore.dev/internal/instance"
)

// SubscriptionConfig configures a subscription.
type SubscriptionConfig[T any] struct {
	// Handler handles a message. After an error or a panic it gets it again.
	Handler func(ctx context.Context, msg T) error
	// MaxConcurrency is how many messages it handles at a time. 0 stands for 1,
	// a negative number for any.
	MaxConcurrency int
	// AckDeadline is the time there is for a message. 0 stands for 30 s.
	AckDeadline time.Duration
	// RetryPolicy is for messages that could not be handled. Nil stands for 100
	// attempts.
	RetryPolicy *RetryPolicy
}

// RetryPolicy is when and how often a message is delivered again.
type RetryPolicy struct {
	// MinBackoff is the shortest time until then. 0 stands for 10 s.
	MinBackoff time.Duration
	// MaxBackoff is the longest time until then. 0 stands for 10 min.
	MaxBackoff time.Duration
	// MaxRetries bounds the attempts.
	MaxRetries int
}

// InfiniteRetries as MaxRetries sets no bound.
const InfiniteRetries = -1

// Subscription gets the messages of a topic.
type Subscription[T any] struct {
	service, topic, name string
	config               SubscriptionConfig[T]
	retries              RetryPolicy
	handling             chan struct{} // holds an item for each message that is handled
}

// NewSubscription declares a subscription of the service it is called from.
func NewSubscription[T any](topic *Topic[T], name string, config SubscriptionConfig[T]) *Subscription[T] {
	_, file, _, _ := runtime.Caller(1)
	s := &Subscription[T]{
		service: filepath.Base(filepath.Dir(file)), topic: topic.name, name: name,
		config:  config,
		retries: RetryPolicy{MaxRetries: 100},
	}
	if config.RetryPolicy != nil {
		s.retries = *config.RetryPolicy
	}
	for _, d := range []time.Duration{config.AckDeadline, s.retries.MinBackoff, s.retries.MaxBackoff} {
		if d != 0 && d < time.Second {
			panic(fmt.Sprintf("subscription %s: %s is less than a second", name, d))
		}
	}
	concurrency := cmp.Or(config.MaxConcurrency, 1)
	if concurrency < 0 {
		concurrency = 100
	}
	s.handling = make(chan struct{}, concurrency)
	topic.subscriptions = append(topic.subscriptions, func(m message) { go s.deliver(m, 1) })
	return s
}

// MethodHandler returns a handler that calls the method of a service struct.
func MethodHandler[T, S any](method func(s S, ctx context.Context, msg T) error) func(ctx context.Context, msg T) error {
	return func(ctx context.Context, msg T) error {
		s, err := instance.Get[S]()
		if err != nil {
			return err
		}
		return method(s, ctx, msg)
	}
}

var started = make(chan struct{})

// Start begins to deliver messages. It is for the stand-in itself, when the
// services are initialized.
func Start() { close(started) }

// deliver delivers the message, again and again until it is handled or given up.
func (s *Subscription[T]) deliver(m message, attempt int) {
	<-started
	for ; ; attempt++ {
		err := s.handle(m, attempt)
		if err == nil {
			return
		}
		again, delay := s.retries.after(attempt)
		slog.Error("message failed", "topic", s.topic, "subscription", s.name, "id", m.id,
			"attempt", attempt, "again", again, "err", err)
		if !again {
			return
		}
		time.Sleep(delay)
	}
}

// after returns whether and when to try again after an attempt, as a local
// Encore does: the time doubles with each, from 2 s at least.
func (p RetryPolicy) after(attempt int) (again bool, delay time.Duration) {
	if attempt >= p.MaxRetries && p.MaxRetries != InfiniteRetries {
		return false, 0
	}
	longest := cmp.Or(p.MaxBackoff, 10*time.Minute)
	delay = max(cmp.Or(p.MinBackoff, 10*time.Second), time.Second)
	for range attempt {
		if delay *= 2; delay > longest {
			return true, longest
		}
	}
	return true, delay
}

func (s *Subscription[T]) handle(m message, attempt int) (err error) {
	s.handling <- struct{}{}
	defer func() { <-s.handling }()
	var msg T
	if err := json.Unmarshal(m.data, &msg); err != nil {
		return err
	}
	defer current.Enter(&current.Request{Describer: delivery{time.Now(), msg, &encore.MessageData{
		Service: s.service, Topic: s.topic, Subscription: s.name,
		ID: m.id, Published: m.published, DeliveryAttempt: attempt,
	}}}).Leave()
	ctx, cancel := context.WithTimeout(context.Background(), cmp.Or(s.config.AckDeadline, 30*time.Second))
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("subscriber panicked: %v", r)
		}
	}()
	return s.config.Handler(ctx, msg)
}

// delivery is an attempt to deliver a message.
type delivery struct {
	started time.Time
	payload any
	message *encore.MessageData
}

// Describe describes it.
func (d delivery) Describe() any {
	return &encore.Request{
		Type: encore.PubSubMessage, Started: d.started,
		Service: d.message.Service, Payload: d.payload, Message: d.message,
	}
}
