// Package pubsub delivers messages within the application, at least once. They
// are kept in memory.
package pubsub

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	encore "encore.dev"
	"encore.dev/beta/errs"
	"encore.dev/internal/current"
)

type DeliveryGuarantee int

const AtLeastOnce DeliveryGuarantee = 1

type TopicConfig struct{ DeliveryGuarantee DeliveryGuarantee }

// Topic has messages for its subscriptions.
type Topic[T any] struct {
	name          string
	subscriptions []func(message []byte)
}

func NewTopic[T any](name string, _ TopicConfig) *Topic[T] { return &Topic[T]{name: name} }

// Publish publishes a message and returns its id. In tests no subscription gets it.
func (t *Topic[T]) Publish(ctx context.Context, msg T) (id string, err error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	message, err := json.Marshal(msg) // subscriptions get copies
	if err != nil {
		return "", errs.WrapCode(err, errs.InvalidArgument, "failed to marshal message to JSON for topic "+t.name)
	}
	if !testing.Testing() {
		for _, deliver := range t.subscriptions {
			go deliver(message)
		}
	}
	return rand.Text(), nil
}

// SubscriptionConfig configures a subscription.
type SubscriptionConfig[T any] struct {
	// Handler handles a message. If it fails or panics, the message is delivered again.
	Handler     func(ctx context.Context, msg T) error
	AckDeadline time.Duration // for the handler; 0 means 30 s
	RetryPolicy *RetryPolicy  // nil means 100 attempts
}

// RetryPolicy says when and how often a message is delivered again.
type RetryPolicy struct {
	MinBackoff time.Duration // 0 means 10 s
	MaxBackoff time.Duration // 0 means 10 min
	MaxRetries int           // the number of attempts
}

const InfiniteRetries = -1

// Subscription gets the messages of a topic, one at a time.
type Subscription[T any] struct {
	service, topic, name string
	config               SubscriptionConfig[T]
	mu                   sync.Mutex
}

// NewSubscription declares a subscription of the service that calls it.
func NewSubscription[T any](topic *Topic[T], name string, config SubscriptionConfig[T]) *Subscription[T] {
	_, file, _, _ := runtime.Caller(1)
	if config.RetryPolicy == nil {
		config.RetryPolicy = &RetryPolicy{MaxRetries: 100}
	}
	s := &Subscription[T]{service: filepath.Base(filepath.Dir(file)), topic: topic.name, name: name, config: config}
	topic.subscriptions = append(topic.subscriptions, s.deliver)
	return s
}

var started = make(chan struct{})

// Start starts to deliver messages. The stand-in calls it when the services are initialized.
func Start() { close(started) }

// deliver delivers a message until the handler succeeds or there are no more retries.
func (s *Subscription[T]) deliver(message []byte) {
	<-started
	for attempt := 1; ; attempt++ {
		err := s.handle(message)
		if err == nil {
			return
		}
		delay, again := s.config.RetryPolicy.after(attempt)
		slog.Error("message failed", "topic", s.topic, "subscription", s.name, "attempt", attempt, "again", again, "err", err)
		if !again {
			return
		}
		time.Sleep(delay)
	}
}

// after returns when to try again after an attempt. As on a local Encore, the
// delay doubles with each attempt, also before the second one.
func (p RetryPolicy) after(attempt int) (delay time.Duration, again bool) {
	if attempt >= p.MaxRetries && p.MaxRetries != InfiniteRetries {
		return 0, false
	}
	longest := cmp.Or(p.MaxBackoff, 10*time.Minute)
	delay = cmp.Or(p.MinBackoff, 10*time.Second)
	for range attempt {
		if delay *= 2; delay > longest {
			return longest, true
		}
	}
	return delay, true
}

func (s *Subscription[T]) handle(message []byte) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var msg T
	if err := json.Unmarshal(message, &msg); err != nil {
		return err
	}
	describe := func() any { return &encore.Request{Type: encore.PubSubMessage, Service: s.service} }
	defer current.Enter(&current.Request{Describe: describe}).Leave()
	ctx, cancel := context.WithTimeout(context.Background(), cmp.Or(s.config.AckDeadline, 30*time.Second))
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("subscriber panicked: %v", r)
		}
	}()
	return s.config.Handler(ctx, msg)
}
