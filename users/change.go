package users

import "sync"

var listeners struct {
	sync.RWMutex
	all []func(logtoID string)
}

// OnChange makes the function hear, on this instance of the application, of
// everybody who was deleted, suspended or unsuspended here, as soon as that is
// durable. It must return at once. Other instances ask the database.
func OnChange(listener func(logtoID string)) {
	listeners.Lock()
	defer listeners.Unlock()
	listeners.all = append(listeners.all, listener)
}

// changed tells the listeners of people whose id or lock-out changed.
func changed(logtoIDs ...string) {
	listeners.RLock()
	defer listeners.RUnlock()
	for _, listener := range listeners.all {
		for _, id := range logtoIDs {
			listener(id)
		}
	}
}
