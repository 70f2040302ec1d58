// Package pubsub delivers messages to subscriptions within the application, at
// least once. They are kept in memory only.
package pubsub

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"encore.dev/beta/errs"
)

// DeliveryGuarantee is how often a message is delivered.
type DeliveryGuarantee int

// AtLeastOnce is once, or more than once.
const AtLeastOnce DeliveryGuarantee = 1

// TopicConfig configures a topic.
type TopicConfig struct{ DeliveryGuarantee DeliveryGuarantee }

// Topic takes messages to its subscriptions.
type Topic[T any] struct {
	name          string
	subscriptions []func(message)

	mu        sync.Mutex
	published []T // by tests
}

// message is a message on its way. The data is JSON, so that nobody shares memory.
type message struct {
	id        string
	published time.Time
	data      []byte
}

// NewTopic declares a topic.
func NewTopic[T any](name string, _ TopicConfig) *Topic[T] { return &Topic[T]{name: name} }

// Publish publishes a message and returns its id. In tests that is all: no
// subscription gets it.
func (t *Topic[T]) Publish(ctx context.Context, msg T) (id string, err error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	data, err := json.Marshal(msg)
	if err != nil {
		return "", errs.WrapCode(err, errs.InvalidArgument, "failed to marshal message to JSON for topic "+t.name)
	}
	m := message{rand.Text(), time.Now(), data}
	if testing.Testing() {
		return m.id, t.record(m)
	}
	for _, deliver := range t.subscriptions {
		deliver(m)
	}
	return m.id, nil
}

func (t *Topic[T]) record(m message) error {
	var msg T
	if err := json.Unmarshal(m.data, &msg); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.published = append(t.published, msg)
	return nil
}

// PublishedMessages returns what was published so far in this run of tests.
func (t *Topic[T]) PublishedMessages() []T {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.published[:len(t.published):len(t.published)]
}
