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

func hangs(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestReadiness(t *testing.T) {
	type checks = map[string]func(context.Context) error
	for name, tt := range map[string]struct {
		checks checks
		want   []string
	}{
		"all are ready": {checks{"a": ready, "b": ready}, nil},
		"one is not":    {checks{"a": ready, "b": notReady}, []string{"b"}},
		"several":       {checks{"c": notReady, "b": ready, "a": hangs}, []string{"a", "c"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newReadiness(tt.checks)
				began := time.Now()
				if got := r.notReady(t.Context()); !slices.Equal(got, tt.want) {
					t.Errorf("notReady = %v, want %v", got, tt.want)
				}
				if took := time.Since(began); took > readyTimeout {
					t.Errorf("the answer took %v", took)
				}
			})
		})
	}
}

// The identity provider may be down in tests, so "auth" may be not ready.
func TestReady(t *testing.T) {
	s, err := initService()
	if err != nil {
		t.Fatal(err)
	}
	for name, ready := range checks { // creating a database takes longer than Ready waits
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
		t.Errorf("err = %v with %+v, want unavailable because of auth, or nil", err, details)
	}
}

func TestReadiness_ConcurrentCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls, running atomic.Int32
		r := newReadiness(map[string]func(context.Context) error{"a": func(ctx context.Context) error {
			calls.Add(1)
			if running.Add(1) > 1 {
				t.Error("two checks at a time")
			}
			defer running.Add(-1)
			time.Sleep(readyTimeout / 2)
			return ctx.Err()
		}})
		for round := range int32(3) {
			var callers sync.WaitGroup
			for range 1000 {
				callers.Go(func() {
					ctx, cancel := context.WithCancel(t.Context())
					cancel()
					if got := r.notReady(ctx); got != nil {
						t.Errorf("notReady = %v", got)
					}
				})
			}
			callers.Wait()
			if got := calls.Load(); got != round+1 {
				t.Errorf("checked %d times, want %d", got, round+1)
			}
			time.Sleep(readyInterval)
		}
	})
}
