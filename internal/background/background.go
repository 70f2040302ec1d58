// Package background runs periodic work.
package background

import (
	"context"
	"time"
)

const MeasureInterval = 15 * time.Second

// Every calls do once per interval until the context ends, first after one interval.
func Every(ctx context.Context, interval time.Duration, do func(context.Context)) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			do(ctx)
		}
	}
}
