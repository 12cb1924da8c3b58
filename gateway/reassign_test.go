package gateway_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/connector"
	"relais/gateway"
	"relais/lane"
	"relais/sms"
)

// TestReassignReadsBehindWhatStays: numbers of fiction stay with a simulated operator,
// and hold back nothing that waits behind them, however many they are.
func TestReassignReadsBehindWhatStays(t *testing.T) {
	for _, fictions := range []int{0, 99, 100, 101, 350} {
		t.Run(fmt.Sprint(fictions), func(t *testing.T) {
			instance := func(name string, simulated bool) lane.Instance {
				return lane.Instance{
					Name: name, Provider: "scripted", Connector: &operator{},
					Facts: connector.Facts{Simulated: simulated},
				}
			}
			l := prepareOptions(t, t.TempDir(), nil, connector.Facts{}, func(s gateway.Store) gateway.Store {
				return s
			},
				func(options *gateway.Options) {
					options.Instances = []lane.Instance{instance("trial", true), instance("real", false)}
				})
			defer l.stop(t)
			asked := gateway.Submission{
				Account: "a", Class: sms.Transactional, Connector: "trial", Text: "Bonjour",
			}
			for i := range fictions {
				asked.To = append(asked.To, fmt.Sprintf("+3363998%04d", i))
			}
			for _, to := range [][]string{asked.To, {"+33612345678", "+33612345679"}} {
				if asked.To = to; len(to) == 0 {
					continue
				}
				if _, err := l.Submit(t.Context(), asked, nil); err != nil {
					t.Fatal(err)
				}
			}
			got, err := l.Reassign(t.Context(),
				lane.Reassignment{Account: "a", From: "trial", To: "real", Actor: "api:test"})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(lane.Reassigned{Moved: 2, Left: fictions}, got); diff != "" {
				t.Errorf("reassigned (-want +got):\n%s", diff)
			}
		})
	}
}
