package gateway_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"relais/connector"
	"relais/duty"
	"relais/gateway"
	"relais/sms"
)

// What a preview asks about, however far away, moves no id of what comes after.
func TestPreviewMovesNoIDs(t *testing.T) {
	l := start(t, map[string]*operator{"ovh": {}}, connector.Facts{})
	defer l.stop(t)
	for _, tc := range []struct {
		name string
		at   time.Duration
	}{
		{"now", 0},
		{"in half a minute", 30 * time.Second},
		{"in half a year", 180 * 24 * time.Hour},
		{"in a year", 365 * 24 * time.Hour},
		{"a year ago", -365 * 24 * time.Hour},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before := l.submit(t, gateway.Submission{})[0]
			s := gateway.Submission{Account: "default", Text: "Bonjour", To: phones(100)}
			result, err := l.Preview(t.Context(), s, time.Now().Add(tc.at))
			if err != nil {
				t.Fatal(err)
			}
			if m := result.Messages[0]; !m.ID.IsZero() || !m.Submission.IsZero() {
				t.Errorf("a preview took an id: %s of %s", m.ID, m.Submission)
			}
			after := l.submit(t, gateway.Submission{})[0]
			for _, m := range []gateway.Draft{before, after} {
				if off := m.ID.Time().Sub(m.AcceptedAt); off.Abs() > time.Second {
					t.Errorf("an id is %v off", off)
				}
			}
			if before.ID.String() >= after.ID.String() {
				t.Errorf("%s came before %s", before.ID, after.ID)
			}
		})
	}
}

// The clock of the machine runs ahead for a while, and comes back.
func TestIDsComeBackWithTheGatewaysClock(t *testing.T) {
	var ahead time.Duration
	l := prepareOptions(t, t.TempDir(), map[string]*operator{"ovh": {}}, connector.Facts{},
		func(s gateway.Store) gateway.Store { return s }, func(o *gateway.Options) {
			o.Clock = duty.NewClock(func() time.Time { return time.Now().Add(ahead) })
		})
	defer l.stop(t)
	seen := map[sms.ID]bool{}
	for _, ahead = range []time.Duration{0, 4 * 365 * 24 * time.Hour, 0} {
		m := l.submit(t, gateway.Submission{})[0]
		if off := m.ID.Time().Sub(m.AcceptedAt); off.Abs() > time.Second || seen[m.ID] ||
			m.ID == m.Submission {
			t.Errorf("ahead by %v: an id is %v off, or came before", ahead, off)
		}
		seen[m.ID] = true
	}
}

// A preview neither asks an operator for its senders nor leaves a connector: both
// change where the next message goes.
func TestPreviewChangesNothingOfConnectors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		registry := prometheus.NewRegistry()
		o := &lister{senders: usable("RELAIS")}
		l := startInstances(t, func(o *gateway.Options) {
			o.Metrics = gateway.NewMetrics(registry)
		}, o.instance("ovh"))
		defer l.stop(t)
		synctest.Wait()
		ask := func(s gateway.Submission) {
			t.Helper()
			s.Account, s.Text, s.To = "default", "a", []string{"0639980001"}
			if _, err := l.Preview(t.Context(), s, time.Time{}); err == nil {
				t.Error("a sender that the operator does not take was not refused")
			}
		}
		before, read := gathered(t, registry), o.read()
		ask(gateway.Submission{Sender: "Pool"})
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if got := o.read(); got != read {
			t.Errorf("%d readings after a preview, want %d", got, read)
		}
		if diff := cmp.Diff(before, gathered(t, registry)); diff != "" {
			t.Errorf("metrics (-before +after):\n%s", diff)
		}
	})
}
