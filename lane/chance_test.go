package lane

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"relais/sms"
	"relais/tariff"
)

// dearAndFree are two lanes: one has one price for all, the other has no tariff.
func dearAndFree(t *testing.T) *Set {
	t.Helper()
	table, err := tariff.Parse([]byte(`
name = "one"
version = 1
since = 2026-01-01
source = "a test"
currency = "EUR"
[segment]
all = "0.09"
`))
	if err != nil {
		t.Fatal(err)
	}
	s := NewSet(Options{
		Account: func(string) Account { return Account{} }, Metrics: NewMetrics(prometheus.NewRegistry()),
		Now: time.Now,
	})
	s.Add(Instance{Name: "dear", Tariff: table})
	s.Add(Instance{Name: "free"})
	return s
}

func TestPriceOfASecondChance(t *testing.T) {
	lanes := dearAndFree(t)
	for _, tc := range []struct {
		name, connector string
		to              sms.Number
		want            sms.Money
		decided         bool
	}{
		{"the price of the other connector", "dear", "+33639980001", 180_000, true},
		{"a connector without a tariff", "free", "+33639980001", 0, false},
		{"a number that a pseudonym stands for", "dear", sms.NoNumber, 0, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := sms.Message{To: tc.to, Connector: tc.connector, Segments: 2, Price: 47_000}
			if decision := lanes.price(&m); m.Price != tc.want || decision.IsZero() == tc.decided {
				t.Errorf("price %s, decision %+v", m.Price, decision)
			}
		})
	}
}
