package lane

import (
	"testing"

	"relais/sms"
)

// A first call that has all the segments that are allowed is made; one that has more is saved
// up for.
func TestFillCallsWithinTheSegments(t *testing.T) {
	due := []sms.Message{{Segments: 3}, {Segments: 2}}
	for _, tc := range []struct{ allowed, calls, short int }{
		{2, 0, 3}, {3, 1, 0}, {4, 1, 0}, {5, 2, 0}, {0, 2, 0},
	} {
		calls, short := FillCalls(due, Claim{Calls: 2, Batch: 1, Segments: tc.allowed})
		if len(calls) != tc.calls || short != tc.short {
			t.Errorf("%d segments allowed: %d calls, short of %d; want %d, %d",
				tc.allowed, len(calls), short, tc.calls, tc.short)
		}
	}
}
