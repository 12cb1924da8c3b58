package lane

import (
	"testing"
	"time"

	"relais/sms"
)

// What was just given to a lane that was left, to try it, stays there; a one-time code goes on
// at once.
func TestProbeStaysInItsLane(t *testing.T) {
	l := dearAndFree(t).Get("free")
	l.state.health.probes, l.state.health.since = 1, time.Now().Add(-time.Minute)
	for _, tc := range []struct {
		name   string
		change func(*sms.Message)
		want   bool
	}{
		{"a probe", func(*sms.Message) {}, true},
		{"a code", func(m *sms.Message) { m.Class = sms.OTP }, false},
		{"one that was tried", func(m *sms.Message) { m.Attempt = 1 }, false},
		{"one that came by another lane", func(m *sms.Message) { m.Routes = []string{"dear", "free"} }, false},
		{"one that has stayed", func(m *sms.Message) { m.AcceptedAt = time.Now().Add(-2 * probeStays) }, false},
		{"from before it was left", func(m *sms.Message) { m.AcceptedAt = time.Now().Add(-time.Hour) }, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := sms.Message{
				Connector: "free", Routes: []string{"free", "dear"}, Class: sms.Transactional,
				AcceptedAt: time.Now(),
			}
			tc.change(&m)
			if got := newFailover(l).isProbe(&m); got != tc.want {
				t.Errorf("isProbe is %v, want %v", got, tc.want)
			}
		})
	}
}
