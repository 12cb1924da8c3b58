package ovh

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/connector"
	"relais/sms"
)

const accountRoute = "GET /1.0/sms/sms-ab12345-1"

// The account of the third-party sample, with the fields that the schema adds.
const accountBody = `{"status":"enable","creditsLeft":420.5,"name":"sms-ab12345-1","userQuantityWithQuota":0,"description":"","channel":"both","smpp":false}`

func TestBalance(t *testing.T) {
	o := newOperator(t)
	o.answer(accountRoute, 200, accountBody)
	c := o.open(nil)
	now := time.Now()
	c.api.now = func() time.Time { return now }
	want := connector.Balance{Amount: 420.5, Unit: "credits", At: now}
	for range 2 {
		got, err := c.Balance(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("balance (-want +got):\n%s", diff)
		}
	}
	if o.count(accountRoute) != 1 {
		t.Errorf("%d calls within a minute", o.count(accountRoute))
	}
	o.ahead = balanceLife
	now = now.Add(balanceLife)
	if _, err := c.Balance(t.Context()); err != nil || o.count(accountRoute) != 2 {
		t.Errorf("after a minute: %v, %d calls", err, o.count(accountRoute))
	}
}

func TestBalanceOfASendingReport(t *testing.T) {
	for _, tc := range []struct {
		name, credits string
		want          float64
		calls         int
	}{
		{"told", `41.5`, 41.5, 0},
		{"nothing left", `0`, 0, 0},
		{"null", `null`, 420.5, 1},
		{"odd", `"many"`, 420.5, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := newOperator(t)
			o.answer(accountRoute, 200, accountBody)
			o.answer(
				jobsRoute, 200, `{"ids":[1],"validReceivers":["+33639980123"],"creditsLeft":`+tc.credits+`}`,
			)
			c := o.open(nil)
			if _, err := c.Submit(t.Context(), []sms.Message{message(testNumber)}); err != nil {
				t.Fatal(err)
			}
			got, err := c.Balance(t.Context())
			if err != nil || got.Amount != tc.want || o.count(accountRoute) != tc.calls {
				t.Errorf("got %v, %v after %d calls", got, err, o.count(accountRoute))
			}
		})
	}
}
