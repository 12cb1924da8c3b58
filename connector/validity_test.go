package connector_test

import (
	"testing"
	"time"

	"relais/connector"
)

func TestMinutesLeft(t *testing.T) {
	now := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		name string
		end  time.Time
		want int64
	}{
		{"no end", time.Time{}, 0},
		{"whole minutes", now.Add(15 * time.Minute), 15},
		{"begun minute", now.Add(15*time.Minute + 1), 16},
		{"less than a minute", now.Add(time.Second), 1},
		{"now", now, 1},
		{"past", now.Add(-time.Hour), 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := connector.MinutesLeft(tc.end, now); got != tc.want {
				t.Errorf("got %d, want %d", got, tc.want)
			}
		})
	}
}
