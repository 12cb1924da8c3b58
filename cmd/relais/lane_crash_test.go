package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"relais/client"
	"relais/sandbox/dmc"
)

// slowLane is a connector of the simulated DMC that sends a full batch every two
// seconds.
const slowLane = `[connector.slow]
provider = "sfrdmc"
account = "sandbox"
base_url = "%s/dmc"
service_id = %q
service_password = %q
space_id = %q
sender = %q
segments_per_second = 10
`

// TestKillUnderASegmentRateDoubtsNoMoreThanACall kills the gateway while hundreds of
// messages wait for the segments' rate: in doubt is what was in the one call that may
// have been under way, and the rest is still queued.
func TestKillUnderASegmentRateDoubtsNoMoreThanACall(t *testing.T) {
	const batch, messages, kills = 20, 400, 3
	for _, form := range crashForms[:2] {
		t.Run(form.name, func(t *testing.T) {
			w := newCrashWorld(t, form.postgres, form.nodes)
			w.calm(t)
			n := w.nodes[0]
			file := filepath.Join(n.scratch, "relais.toml")
			text := fmt.Sprintf(slowLane, w.operators, dmc.ServiceID, dmc.Password, dmc.SpaceID, dmc.Sender)
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			restart := func() {
				n.kill(t)
				w.launch(t, n, "RELAIS_CONFIG="+file)
				w.await(t, "the gateway", func(ctx context.Context) bool { return n.api.Ready(ctx) == nil })
			}
			restart()
			var to []string
			for place := range messages {
				to = append(to, ordinary(place))
			}
			if _, err := n.api.Submit(t.Context(), client.SubmitRequest{
				To: to, Text: "Bonjour", Connector: "slow",
			}); err != nil {
				t.Fatal(err)
			}
			for kill := range kills {
				w.await(t, "the next call", func(ctx context.Context) bool {
					return len(w.handsets(ctx, t)) > kill*batch
				})
				before := len(w.handsets(t.Context(), t))
				<-time.After(time.Duration(kill) * 300 * time.Millisecond) // at several moments of the wait
				restart()
				doubt, waiting := len(w.all(t.Context(), t,
					client.Uncertain)), len(w.all(t.Context(), t, client.Queued))
				t.Logf("kill %d: %d had been sent, %d are in doubt, %d are queued",
					kill+1, before, doubt, waiting)
				if doubt > batch {
					t.Errorf("%d messages are in doubt, want those of one call at most: %d", doubt, batch)
				}
				if least := messages - (kill+2)*2*batch; waiting < least {
					t.Errorf("%d messages are queued, want %d at least", waiting, least)
				}
			}
		})
	}
}
