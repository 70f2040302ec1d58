package cron

import (
	"context"
	"strings"
	"testing"
)

func endpoint(context.Context) error { return nil }

func TestValidate(t *testing.T) {
	for _, config := range []JobConfig{
		{Every: Minute, Endpoint: endpoint},
		{Every: Hour + 30*Minute, Endpoint: endpoint},
		{Every: 24 * Hour, Endpoint: endpoint},
		{Schedule: "0 4 15 * *", Endpoint: func(context.Context) (*int, error) { return nil, nil }},
	} {
		if err := config.validate(); err != nil {
			t.Errorf("%+v: %v", config, err)
		}
	}
}

func TestNewJobRefuses(t *testing.T) {
	for want, config := range map[string]JobConfig{
		"either Every or Schedule":       {Endpoint: endpoint},
		"needs either Every or Schedule": {Every: Hour, Schedule: "* * * * *", Endpoint: endpoint},
		"Every is 90 s":                  {Every: 90, Endpoint: endpoint},
		"Every is 25200 s":               {Every: 7 * Hour, Endpoint: endpoint},
		"Every is 172800 s":              {Every: 48 * Hour, Endpoint: endpoint},
		"Every is -60 s":                 {Every: -Minute, Endpoint: endpoint},
		"Schedule: expected exactly 5":   {Schedule: "* * *", Endpoint: endpoint},
		"Schedule: ":                     {Schedule: "@hourly", Endpoint: endpoint},
		"not an endpoint":                {Every: Hour},
		"an endpoint without parameters": {Every: Hour, Endpoint: func(context.Context, *int) error { return nil }},
	} {
		t.Run(want, func(t *testing.T) {
			defer func() {
				text, _ := recover().(string)
				if !strings.HasPrefix(text, "cron job nightly: ") || !strings.Contains(text, want) {
					t.Errorf("panic %q, want %q", text, want)
				}
			}()
			NewJob("nightly", config)
		})
	}
}
