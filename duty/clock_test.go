package duty

import (
	"testing"
	"time"
)

// A jump ahead is noticed while it is fresh, and a clock that was wrong at the start is
// believed.
func TestClockThatLeaps(t *testing.T) {
	const years = 4 * 365 * 24 * time.Hour
	for _, tc := range []struct {
		name   string
		shifts []time.Duration
		want   []bool
	}{
		{"a clock that runs", []time.Duration{0, 0}, []bool{false, false}},
		{"a small step ahead", []time.Duration{0, 30 * time.Second}, []bool{false, false}},
		{"a jump ahead, and back", []time.Duration{0, years, years, 0}, []bool{false, true, true, false}},
		{"set back", []time.Duration{0, -time.Hour}, []bool{false, false}},
		{"ahead from the start", []time.Duration{years, years, 0}, []bool{false, false, false}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			shift := tc.shifts[0]
			c := NewClock(func() time.Time { return time.Now().Add(shift) })
			for i := range tc.shifts {
				shift = tc.shifts[i]
				if got := c.Leapt(); got != tc.want[i] {
					t.Errorf("reading %d: leapt %v, want %v", i, got, tc.want[i])
				}
			}
		})
	}
}
