// Package cron declares recurring jobs. They never run, as with `encore run`: call
// the endpoint of a job to try it.
package cron

// Duration is the time between two runs, in seconds.
type Duration int64

const (
	Minute Duration = 60
	Hour            = 60 * Minute
)

// JobConfig configures a job.
type JobConfig struct {
	Title    string
	Every    Duration
	Schedule string // a cron expression, in the place of Every
	Endpoint any
}

type Job struct{ ID string }

func NewJob(id string, _ JobConfig) *Job { return &Job{ID: id} }
