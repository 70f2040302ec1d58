// Package et has what tests of Encore services use.
package et

import (
	"encore.dev/beta/auth"
	"encore.dev/internal/current"
	"encore.dev/pubsub"
)

// OverrideAuthInfo makes uid, with data, the caller of the running test and of
// the goroutines it starts from here on.
func OverrideAuthInfo(uid auth.UID, data any) {
	current.Enter(&current.Request{UID: string(uid), Data: data})
}

// TopicHelpers is what a test can ask a topic.
type TopicHelpers[T any] interface {
	// PublishedMessages returns what was published so far in this run of tests.
	// It is not that of the test alone.
	PublishedMessages() []T
}

// Topic returns what a test can ask the topic.
func Topic[T any](topic *pubsub.Topic[T]) TopicHelpers[T] { return topic }
