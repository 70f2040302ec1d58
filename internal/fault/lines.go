package fault

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Lines logs at most one line per second for each message, with the number of
// times it was added since the line before. A flood of errors is then no flood
// of lines. It is safe for concurrent use.
type Lines struct {
	log func(message string, keysAndValues ...any)

	mu       sync.Mutex
	messages map[string]*message
}

type message struct {
	count     int
	sometimes rate.Sometimes
}

// NewLines returns Lines that log by a function such as rlog.Error.
func NewLines(log func(message string, keysAndValues ...any)) *Lines {
	return &Lines{log: log, messages: make(map[string]*message)}
}

// Add logs the message unless it was logged within the last second. Messages
// come from a fixed set: what differs from call to call goes into the pairs of
// keys and values. Of several calls the line has those of the last.
func (l *Lines) Add(text string, keysAndValues ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	m, ok := l.messages[text]
	if !ok {
		m = &message{sometimes: rate.Sometimes{Interval: time.Second}}
		l.messages[text] = m
	}
	m.count++
	m.sometimes.Do(func() {
		l.log(text, append(keysAndValues, "count", m.count)...)
		m.count = 0
	})
}
