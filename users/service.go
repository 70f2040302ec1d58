package users

import (
	"context"
	"sync"
)

// Service owns what goes on between the requests.
//
//encore:service
type Service struct {
	stop    context.CancelFunc
	running sync.WaitGroup
}

func initService() (*Service, error) {
	ctx, stop := context.WithCancel(context.Background())
	s := &Service{stop: stop}
	s.running.Go(func() { deletions.run(ctx) })
	return s, nil
}

// Shutdown ends it.
func (s *Service) Shutdown(context.Context) {
	s.stop()
	s.running.Wait()
}
