package lane

import (
	"testing"
	"time"

	"relais/connector"
	"relais/sms"
)

// A long message whose receipts of parts may be lost here is not sent again: it may have arrived.
func TestNoSecondChanceInParts(t *testing.T) {
	for _, tc := range []struct {
		name     string
		joined   bool
		segments int
		parts    bool
	}{
		{"one segment", true, 1, false},
		{"two segments", true, 2, true},
		{"one receipt for all", false, 2, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			lanes := dearAndFree(t)
			lanes.Add(Instance{Name: "operator", Facts: connector.Facts{PartReceipts: tc.joined}})
			one := &awaiting{Lane: lanes.lanes["operator"]}
			first := &sms.Message{Connector: "operator", Segments: tc.segments, Chance: 20 * time.Second, Class: sms.OTP}
			c := one.chanceOf(first)
			if c.Again != nil || (c.Note.Detail.Code == noChanceInParts) != tc.parts {
				t.Errorf("sent again: %v; the note is %s", c.Again != nil, c.Note.Detail.Code)
			}
		})
	}
}
