package current

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"runtime/pprof"
	"sync"
	"testing"
)

func check(t *testing.T, want *Request) {
	t.Helper()
	if got := Get(); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestRequestOfGoroutine(t *testing.T) {
	handler, endpoint := &Request{}, &Request{UID: "alice"}
	check(t, nil)
	scope := Enter(handler)
	check(t, handler)
	scope.Switch(endpoint)
	check(t, endpoint)
	scope.Leave()
	check(t, nil)
}

// The wire suite calls many endpoints at the same time. Only here do goroutines
// start goroutines, and outlive the request.
func TestGoroutinesInheritRequest(t *testing.T) {
	left := make(chan bool)
	var done sync.WaitGroup
	for i := range 100 {
		request := &Request{UID: fmt.Sprint(i)}
		scope := Enter(request)
		done.Go(func() {
			done.Go(func() {
				<-left
				runtime.GC()
				check(t, request)
			})
		})
		scope.Leave()
	}
	close(left)
	done.Wait()
}

func TestProfiler(t *testing.T) {
	pprof.Do(t.Context(), pprof.Labels("somebody", "else's"), func(context.Context) { check(t, nil) })
	defer Enter(&Request{}).Leave()
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil || !bytes.Contains(profile.Bytes(), []byte("TestProfiler")) {
		t.Errorf("error %v, profile:\n%s", err, &profile)
	}
}
