package current

import (
	"context"
	"fmt"
	"runtime"
	"runtime/pprof"
	"sync"
	"testing"
)

func TestGetOutsideOfRequest(t *testing.T) {
	if r := Get(); r != nil {
		t.Errorf("got %+v, want nil", r)
	}
	pprof.Do(context.Background(), pprof.Labels("somebody", "else's"), func(context.Context) {
		if r := Get(); r != nil {
			t.Errorf("with labels of somebody else: got %+v, want nil", r)
		}
	})
}

func TestRequestIsSwitched(t *testing.T) {
	handler, endpoint := &Request{}, &Request{UID: "alice"}
	work := Enter(handler)
	defer work.Leave()
	if r := Get(); r != handler {
		t.Errorf("got %+v, want the first request", r)
	}
	work.Switch(endpoint)
	if r := Get(); r != endpoint {
		t.Errorf("got %+v, want alice's", r)
	}
}

func TestRequestIsLeft(t *testing.T) {
	Enter(&Request{UID: "alice"}).Leave()
	if r := Get(); r != nil {
		t.Errorf("got %+v, want nil", r)
	}
}

// Requests run at the same time; each also asks in a goroutine of a goroutine.
func TestRequestsAreKeptApart(t *testing.T) {
	const n = 100
	var entered, done sync.WaitGroup
	entered.Add(n)
	for i := range n {
		done.Go(func() {
			want := &Request{UID: fmt.Sprint(i)}
			defer Enter(want).Leave()
			entered.Done()
			entered.Wait() // all are under way
			var nested sync.WaitGroup
			nested.Go(func() {
				nested.Go(func() {
					if got := Get(); got != want {
						t.Errorf("a goroutine of request %s got %+v", want.UID, got)
					}
				})
			})
			nested.Wait()
			if got := Get(); got != want {
				t.Errorf("request %s got %+v", want.UID, got)
			}
		})
	}
	done.Wait()
}

func TestGoroutineOutlivesRequest(t *testing.T) {
	over, seen := make(chan bool), make(chan *Request)
	want := &Request{UID: "alice"}
	work := Enter(want)
	go func() {
		<-over
		runtime.GC()
		seen <- Get()
	}()
	work.Leave()
	close(over)
	if got := <-seen; got != want {
		t.Errorf("got %+v, want alice", got)
	}
}

func TestRequestsAreForgotten(t *testing.T) {
	count := func() (n int) {
		works.Range(func(any, any) bool { n++; return true })
		return n
	}
	for range 100 {
		Enter(&Request{}).Leave()
	}
	for count() > 0 { // until the cleanups have run
		runtime.GC()
		runtime.Gosched()
	}
}
