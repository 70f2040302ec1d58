package auth

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// refusalLog logs why tokens are refused: for each reason a line a second at
// most, with the number of tokens since the last, so that a flood of tokens is
// no flood of lines.
type refusalLog struct {
	log func(reason string, count int)

	mu      sync.Mutex
	reasons map[string]*refusals
}

type refusals struct {
	count     int
	sometimes rate.Sometimes
}

func newRefusalLog(log func(reason string, count int)) *refusalLog {
	return &refusalLog{log: log, reasons: make(map[string]*refusals)}
}

func (l *refusalLog) add(reason string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r, ok := l.reasons[reason]
	if !ok {
		r = &refusals{sometimes: rate.Sometimes{Interval: time.Second}}
		l.reasons[reason] = r
	}
	r.count++
	r.sometimes.Do(func() {
		l.log(reason, r.count)
		r.count = 0
	})
}
