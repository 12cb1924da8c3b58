package gateway_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"relais/connector"
	"relais/gateway"
	"relais/search"
	"relais/sms"
	"relais/tariff"
)

// priced is failover between two operators with a tariff each.
func priced(options *gateway.Options) {
	failover(options)
	options.Instances[0].Tariff = tariff.Told("FR", "EUR", 47_000, time.Now())
	options.Instances[1].Tariff = tariff.Told("FR", "EUR", 60_000, time.Now())
}

func priceOf(t *testing.T, l *line, m gateway.Draft) sms.Money {
	t.Helper()
	got, err := l.store.Message(t.Context(), m.Account, m.ID)
	if err != nil {
		t.Fatal(err)
	}
	return got.Price
}

// A message costs what it costs at the connector that takes it over: one that comes
// back from a call, and one that still waited when its connector was left.
func TestPriceAfterAFailover(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &teller{credits: []float64{1}, status: []sms.Receipt{}}
		o.answer = func(int, context.Context, []sms.Message) ([]connector.Outcome, error) {
			return nil, &connector.Error{Fault: connector.Temporary, Detail: "refused"}
		}
		l := tellers(t, o, priced)
		defer l.stop(t)
		sent := l.submit(t, gateway.Submission{To: phones(30)})
		time.Sleep(10 * time.Second)
		for _, m := range sent {
			if m.Price != 47_000 {
				t.Errorf("accepted for %s, want 0.047", m.Price)
			}
			if at := connectorOf(t, l, m); at != "sfr" || priceOf(t, l, m) != 60_000 {
				t.Errorf("at %s for %s, want sfr for 0.06", at, priceOf(t, l, m))
			}
			events, _, err := l.store.Timeline(t.Context(), m.Account, m.ID)
			told := slices.ContainsFunc(events, func(e sms.Event) bool {
				return strings.HasSuffix(e.Detail.In("fr"), " Son prix y est de 0,06 EUR.")
			})
			if err != nil || !told {
				t.Errorf("events %+v, %v: want one that tells the price", events, err)
			}
		}
		if n := len(o.made()); n == 0 || n >= len(sent) {
			t.Errorf("%d calls for %d messages: want some to fail and the others to be moved", n, len(sent))
		}
	})
}

func TestPriceOfASecondChance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := tellers(t, &teller{credits: []float64{1}, status: []sms.Receipt{}}, priced)
		defer l.stop(t)
		m := l.submit(t, gateway.Submission{Class: sms.OTP})[0]
		time.Sleep(25 * time.Second)
		found, _, err := l.store.Search(t.Context(), search.Query{Account: "default", Limit: 10})
		if err != nil || len(found) != 2 || found[0].Connector != "sfr" || found[0].Price != 60_000 ||
			priceOf(t, l, m) != 47_000 {
			t.Errorf("messages %+v, %v; want the second one at sfr for 0.06", found, err)
		}
	})
}
