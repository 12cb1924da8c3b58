package engine_test

import (
	"fmt"
	"testing"
	"time"

	"relais/campaign/ledger"
	"relais/gateway"
	"relais/sms"
)

// TestOthersAreNotHeldUp: while the messages of a campaign wait at a slow operator, a
// one-time code is in the next call, whatever waits. So is an ordinary message of somebody
// else, after one of the campaign at most.
func TestOthersAreNotHeldUp(t *testing.T) {
	for class, most := range map[sms.Class]int{sms.OTP: 1, sms.Transactional: 2} {
		t.Run(string(class), func(t *testing.T) {
			slowly(t, func(t *testing.T, w *world, o *operator) {
				const rows = 500
				c := w.ready(t, "Bonjour ((nom))", list(rows))
				if _, err := w.Start(t.Context(), "default", c.ID, c.Check, time.Time{}, by); err != nil {
					t.Fatal(err)
				}
				for n := range 5 {
					sleep(t, 3*time.Second)
					before := len(o.sent())
					to := sms.Number(fmt.Sprintf("+3361200%04d", n))
					result, err := w.gateway.Submit(t.Context(), gateway.Submission{
						Account: "default", Actor: "api:portal", To: []string{string(to)}, Text: "1234", Class: class,
					}, nil)
					if err != nil || len(result.Messages) != 1 {
						t.Fatalf("%+v, %v", result, err)
					}
					sleep(t, time.Second)
					at := -1
					for i, m := range o.sent() {
						if m.To == to {
							at = i - before
						}
					}
					if at < 0 || at > most {
						t.Errorf("it left after %d others of the %d calls of that second, want %d at most",
							at, len(o.sent())-before, most)
					}
				}
				w.await(t, c.ID, ledger.Finishing)
				if sent := o.sent(); len(sent) != rows+5 {
					t.Errorf("%d left", len(sent))
				}
			})
		})
	}
}

// TestCampaignsTakeTurns: a small campaign that starts behind a large one is not behind all of
// its rows.
func TestCampaignsTakeTurns(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, o *operator) {
		const rows = 3000
		large, small := w.ready(t, "Bonjour ((nom))", list(rows)), w.ready(t, "Bonsoir ((nom))", list(10))
		for _, c := range []ledger.Campaign{large, small} {
			if _, err := w.Start(t.Context(), "default", c.ID, c.Check, time.Time{}, by); err != nil {
				t.Fatal(err)
			}
		}
		w.await(t, small.ID, ledger.Finishing)
		w.await(t, large.ID, ledger.Finishing)
		last := 0
		sent := o.sent()
		for i := range sent {
			if sent[i].Metadata["campaign"] == small.ID.String() {
				last = i
			}
		}
		if len(sent) != rows+10 || last > rows/2 {
			t.Errorf("of %d messages the last of the small campaign is number %d", len(sent), last)
		}
	})
}
