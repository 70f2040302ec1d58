// Package cron declares recurring jobs. They never run, as with `encore run`: call
// the endpoint of a job to try it.
package cron

// Duration is the time between two runs, in seconds.
type Duration int64

// Units of durations.
const (
	Minute Duration = 60
	Hour            = 60 * Minute
)

// JobConfig configures a job.
type JobConfig struct {
	// Title describes the job.
	Title string
	// Every is the time between two runs.
	Every Duration
	// Schedule is a cron expression. It takes the place of Every.
	Schedule string
	// Endpoint is an endpoint without parameters.
	Endpoint any
}

// Job is a recurring job.
type Job struct{ ID string }

// NewJob declares a job.
func NewJob(id string, _ JobConfig) *Job { return &Job{ID: id} }
