package users

import (
	"context"
	"sync"

	"encore.dev/rlog"
)

// Service owns what outlives a request: what goes on between them, and the
// webhook's signing key.
//
//encore:service
type Service struct {
	receiver *receiver
	stop     context.CancelFunc
	running  sync.WaitGroup
}

func initService() (*Service, error) {
	ctx, stop := context.WithCancel(context.Background())
	s := &Service{receiver: newReceiver(secrets.LogtoWebhookSigningKey), stop: stop}
	s.running.Go(func() { deletions.run(ctx) })
	s.running.Go(func() { measure(ctx) })
	s.running.Go(func() { pruneChanges(ctx) })
	if api, err := configuredManagement(); err != nil {
		rlog.Info("users are not read from Logto", "reason", err)
	} else {
		s.running.Go(func() { fetchNewcomers(ctx, api) })
		s.running.Go(func() { syncOverdue(ctx) })
	}
	return s, nil
}

// Shutdown ends it.
func (s *Service) Shutdown(context.Context) {
	s.stop()
	s.running.Wait()
}
