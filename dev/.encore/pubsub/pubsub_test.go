package pubsub

import (
	"testing"
	"time"
)

func TestRetryPolicy(t *testing.T) {
	limited := RetryPolicy{MinBackoff: 2 * time.Second, MaxBackoff: 10 * time.Second, MaxRetries: 5}
	for _, test := range []struct {
		policy  RetryPolicy
		attempt int
		delay   time.Duration
		again   bool
	}{
		{RetryPolicy{MaxRetries: 3}, 1, 20 * time.Second, true},
		{RetryPolicy{MaxRetries: 3}, 2, 40 * time.Second, true},
		{RetryPolicy{MaxRetries: 3}, 3, 0, false},
		{RetryPolicy{}, 1, 0, false},
		{limited, 2, 8 * time.Second, true},
		{limited, 3, 10 * time.Second, true},
		{RetryPolicy{MaxRetries: InfiniteRetries}, 1_000_000, 10 * time.Minute, true},
	} {
		if delay, again := test.policy.after(test.attempt); delay != test.delay || again != test.again {
			t.Errorf("%+v after attempt %d: %v, %t, want %v, %t", test.policy, test.attempt, delay, again, test.delay, test.again)
		}
	}
}
