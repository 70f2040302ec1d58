package background

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestEvery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		began := time.Now()
		var calls []time.Duration
		Every(ctx, time.Minute, func(context.Context) {
			calls = append(calls, time.Since(began))
			if len(calls) == 3 {
				cancel()
			}
		})
		if len(calls) != 3 || calls[0] != time.Minute || calls[2] != 3*time.Minute {
			t.Errorf("called after %v, want three times, a minute apart", calls)
		}
	})
}
