package users

import "sync"

var listeners struct {
	sync.RWMutex
	all []func(logtoID string)
}

// OnChange makes the function hear of everybody whose row was changed, made or
// deleted on this instance of the application, on news from Logto or by their own
// wish, as soon as that is durable. It must return at once. On other instances
// nobody hears of it: they have to ask again.
func OnChange(listener func(logtoID string)) {
	listeners.Lock()
	defer listeners.Unlock()
	listeners.all = append(listeners.all, listener)
}

// changed tells the listeners.
func changed(logtoIDs ...string) {
	listeners.RLock()
	defer listeners.RUnlock()
	for _, listener := range listeners.all {
		for _, id := range logtoIDs {
			listener(id)
		}
	}
}
