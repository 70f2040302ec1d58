package auth

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// TestRefusalLog: a flood of tokens is no flood of lines, and none is left out
// of the count.
func TestRefusalLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type line struct {
			reason string
			count  int
		}
		var lines []line
		l := newRefusalLog(func(reason string, count int) { lines = append(lines, line{reason, count}) })
		for range 1000 {
			l.add("expired")
			l.add("signature")
		}
		time.Sleep(time.Second)
		l.add("expired")

		want := []line{{"expired", 1}, {"signature", 1}, {"expired", 1000}}
		if !slices.Equal(lines, want) {
			t.Errorf("lines = %v, want %v", lines, want)
		}
	})
}
