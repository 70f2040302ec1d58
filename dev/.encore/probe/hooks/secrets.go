package hooks

import (
	"context"

	"encore.dev/cron"
)

var secrets struct {
	ProbeKey     string
	ProbeMissing string
}

// early holds a secret as an init function sees it.
var early string

func init() { early = secrets.ProbeKey }

// SecretsResponse is what the secrets are.
type SecretsResponse struct{ Key, Early, Missing string }

// Secrets gives the secrets away.
//
//encore:api public method=GET path=/secrets
func Secrets(context.Context) (*SecretsResponse, error) {
	return &SecretsResponse{secrets.ProbeKey, early, secrets.ProbeMissing}, nil
}

// No job runs by itself on a developer's machine.
var (
	_ = cron.NewJob("every-minute", cron.JobConfig{Title: "Nightly", Every: 1 * cron.Minute, Endpoint: Nightly})
	_ = cron.NewJob("by-schedule", cron.JobConfig{Schedule: "0 4 * * *", Endpoint: NightlyMethod})
)

// Nightly is the endpoint of a job.
//
//encore:api private method=POST path=/nightly
func Nightly(context.Context) error { return nil }

// NightlyMethod is the endpoint of another.
//
//encore:api private method=POST path=/nightly-method
func (s *Service) NightlyMethod(context.Context) (*SecretsResponse, error) {
	return &SecretsResponse{Key: s.greeting}, nil
}
