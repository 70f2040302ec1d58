package fault

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Lines logs each message at most once per second, with a count. It is safe for
// concurrent use.
type Lines struct {
	log func(message string, keysAndValues ...any)

	mu       sync.Mutex
	messages map[string]*message
}

type message struct {
	count     int
	sometimes rate.Sometimes
}

// NewLines returns Lines that call log, such as rlog.Error.
func NewLines(log func(message string, keysAndValues ...any)) *Lines {
	return &Lines{log: log, messages: make(map[string]*message)}
}

// Add logs the message unless it was logged within the last second. Use a fixed set of
// messages and put variable data into keysAndValues.
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
