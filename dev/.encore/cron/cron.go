// Package cron has recurring jobs. As on every local Encore they never run: to
// try one, call its endpoint.
package cron

import (
	"context"
	"fmt"
	"reflect"

	"github.com/robfig/cron/v3"
)

// Duration is a time between two runs, in seconds.
type Duration int64

// What durations are made of.
const (
	Minute Duration = 60
	Hour            = 60 * Minute
)

// JobConfig configures a job.
type JobConfig struct {
	// Title describes it.
	Title string
	// Every is the time between two runs. A whole number of them makes a day.
	Every Duration
	// Schedule is a cron expression with five fields, in the place of Every.
	Schedule string
	// Endpoint is what to call: an endpoint without parameters.
	Endpoint any
}

// Job is a recurring job.
type Job struct{ ID string }

// NewJob declares a job. It panics if Encore would refuse it.
func NewJob(id string, config JobConfig) *Job {
	if err := config.validate(); err != nil {
		panic(fmt.Sprintf("cron job %s: %v", id, err))
	}
	return &Job{ID: id}
}

var fiveFields = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)

func (c JobConfig) validate() error {
	if (c.Every == 0) == (c.Schedule == "") {
		return fmt.Errorf("it needs either Every or Schedule")
	}
	if c.Every%Minute != 0 || c.Every < 0 || c.Every > 0 && 24*Hour%c.Every != 0 {
		return fmt.Errorf("its Every is %d s, but has to be minutes of which a whole number makes a day", c.Every)
	}
	if c.Schedule != "" {
		if _, err := fiveFields.Parse(c.Schedule); err != nil {
			return fmt.Errorf("its Schedule: %w", err)
		}
	}
	t := reflect.TypeOf(c.Endpoint)
	if t == nil || t.Kind() != reflect.Func || t.NumIn() != 1 || t.In(0) != reflect.TypeFor[context.Context]() {
		return fmt.Errorf("its Endpoint is not an endpoint without parameters")
	}
	return nil
}
