package api

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"encore.dev/beta/errs"
)

func ready(context.Context) error { return nil }

func notReady(context.Context) error { return errors.New("not ready") }

// hangs is what waits for a server that doesn't answer.
func hangs(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestReadiness(t *testing.T) {
	type parts = map[string]func(context.Context) error
	for name, tt := range map[string]struct {
		parts parts
		want  []string
	}{
		"all are ready": {parts{"a": ready, "b": ready}, nil},
		"one isn't":     {parts{"a": ready, "b": notReady}, []string{"b"}},
		"several":       {parts{"c": notReady, "b": ready, "a": hangs}, []string{"a", "c"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newReadiness(tt.parts)
				began := time.Now()
				if got := r.missing(t.Context()); !slices.Equal(got, tt.want) {
					t.Errorf("missing %v, want %v", got, tt.want)
				}
				if took := time.Since(began); took > readyTimeout {
					t.Errorf("the answer took %v", took)
				}
			})
		})
	}
}

// TestReady: tests have databases. They need not have an identity provider.
func TestReady(t *testing.T) {
	s, err := initService()
	if err != nil {
		t.Fatal(err)
	}
	for name, ready := range parts { // making a database takes longer than Ready waits
		if err := ready(t.Context()); err != nil && name != "auth" {
			t.Fatalf("%s: %v", name, err)
		}
	}
	resp, err := s.Ready(t.Context())
	if err == nil {
		if resp.Message != "ready" {
			t.Errorf("message = %q", resp.Message)
		}
		return
	}
	details, _ := errs.Details(err).(NotReady)
	if errs.Code(err) != errs.Unavailable || details.RetryAfter.RetryAfter != 1 || !slices.Equal(details.Services, []string{"auth"}) {
		t.Errorf("err = %v with %+v, want unavailable for want of auth at most", err, details)
	}
}

// TestReadiness_ManyAsk: however many ask, and even if those who asked first have
// hung up, the parts are asked once.
func TestReadiness_ManyAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked, under atomic.Int32
		r := newReadiness(map[string]func(context.Context) error{"a": func(ctx context.Context) error {
			asked.Add(1)
			if under.Add(1) > 1 {
				t.Error("two questions at a time")
			}
			defer under.Add(-1)
			time.Sleep(readyTimeout / 2)
			return ctx.Err()
		}})
		for round := range int32(3) {
			var callers sync.WaitGroup
			for range 1000 {
				callers.Go(func() {
					ctx, hangUp := context.WithCancel(t.Context())
					hangUp()
					if got := r.missing(ctx); got != nil {
						t.Errorf("missing %v", got)
					}
				})
			}
			callers.Wait()
			if got := asked.Load(); got != round+1 {
				t.Errorf("asked %d times, want %d", got, round+1)
			}
			time.Sleep(readyInterval)
		}
	})
}
