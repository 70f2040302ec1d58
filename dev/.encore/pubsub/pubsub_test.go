package pubsub

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"
)

type event struct {
	ID     string
	Hidden string `json:"-"`
}

func TestPublishInTests(t *testing.T) {
	topic := NewTopic[*event]("events", TopicConfig{DeliveryGuarantee: AtLeastOnce})
	topic.subscriptions = append(topic.subscriptions, func(message) { t.Error("a test's message was delivered") })
	published := &event{ID: "1", Hidden: "kept in memory"}
	id, err := topic.Publish(t.Context(), published)
	if err != nil || id == "" {
		t.Fatal(id, err)
	}
	published.ID = "changed later"
	if got := topic.PublishedMessages(); !reflect.DeepEqual(got, []*event{{ID: "1"}}) {
		t.Errorf("published %+v", got)
	}
}

func TestRetryPolicy(t *testing.T) {
	for name, test := range map[string]struct {
		policy RetryPolicy
		want   []time.Duration // before it gives up, or the first of them
	}{
		"default times": {RetryPolicy{MaxRetries: 3}, []time.Duration{20 * time.Second, 40 * time.Second}},
		"doubles up to the longest": {
			RetryPolicy{MinBackoff: 2 * time.Second, MaxBackoff: 10 * time.Second, MaxRetries: 5},
			[]time.Duration{4 * time.Second, 8 * time.Second, 10 * time.Second, 10 * time.Second},
		},
		"no number of retries": {RetryPolicy{MinBackoff: time.Second}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []time.Duration
			for attempt := 1; ; attempt++ {
				again, delay := test.policy.after(attempt)
				if !again {
					break
				}
				got = append(got, delay)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
	forever := RetryPolicy{MaxBackoff: time.Minute, MaxRetries: InfiniteRetries}
	if again, delay := forever.after(1_000_000); !again || delay != time.Minute {
		t.Errorf("got %t, %v", again, delay)
	}
}

func TestNewSubscriptionRefusesShortTimes(t *testing.T) {
	for name, config := range map[string]SubscriptionConfig[*event]{
		"deadline": {AckDeadline: time.Millisecond},
		"shortest": {RetryPolicy: &RetryPolicy{MinBackoff: time.Millisecond}},
		"longest":  {RetryPolicy: &RetryPolicy{MaxBackoff: time.Millisecond}},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if text, _ := recover().(string); !strings.Contains(text, "1ms is less than a second") {
					t.Errorf("panic %q", text)
				}
			}()
			config.Handler = func(context.Context, *event) error { return nil }
			NewSubscription(NewTopic[*event]("events", TopicConfig{}), "sub", config)
		})
	}
}
