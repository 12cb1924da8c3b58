package gateway

import (
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"relais/duty"
	"relais/number"
	"relais/sms"
	"relais/tariff"
)

// pricing is a gateway with a connector that has one price for all, and one without a tariff.
func pricing(segment sms.Money) *Gateway {
	table, err := tariff.Parse([]byte(fmt.Sprintf(`
name = "one"
version = 1
since = 2026-01-01
source = "a test"
currency = "EUR"
[segment]
all = "%s"
`, segment)))
	if err != nil {
		panic(err)
	}
	g, err := New(Options{
		Instances: []Instance{{Name: "dear", Tariff: table}, {Name: "free"}}, Clock: duty.NewClock(time.Now),
		Account: func(string) Account { return Account{} }, Metrics: NewMetrics(prometheus.NewRegistry()),
	})
	if err != nil {
		panic(err)
	}
	return g
}

func TestPriceOfASecondChance(t *testing.T) {
	g := pricing(90_000)
	for _, tc := range []struct {
		name, connector string
		to              sms.Number
		want            sms.Money
		decisions       int
	}{
		{"the price of the other connector", "dear", "+33639980001", 180_000, 1},
		{"a connector without a tariff", "free", "+33639980001", 0, 0},
		{"a number that a pseudonym stands for", "dear", sms.NoNumber, 0, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := Draft{Message: sms.Message{To: tc.to, Connector: tc.connector, Segments: 2, Price: 47_000}}
			(&chances{backlog: g.backlog}).price(&d)
			if d.Price != tc.want || len(d.Decisions) != tc.decisions {
				t.Errorf("price %s, decisions %+v", d.Price, d.Decisions)
			}
		})
	}
}

// BenchmarkPrice: what an accept pays for the price of its messages.
func BenchmarkPrice(b *testing.B) {
	lanes := pricing(90_000).lanes
	for _, size := range []struct {
		name, connector string
		recipients      int
	}{{"one", "dear", 1}, {"hundred", "dear", 100}, {"one without a tariff", "free", 1}, {"hundred without a tariff", "free", 100}} {
		r := Result{Messages: make([]Draft, size.recipients)}
		b.Run(size.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r.Common = nil
				book := newBook(&Submission{}, Account{}, time.Now())
				for i := range r.Messages {
					d := &r.Messages[i]
					d.Segments, d.Decisions, d.terms = 1, nil, book.At(lanes.Get(size.connector).Terms,
						"FR", number.FRMetro)
					if i%2 == 1 {
						d.terms = book.At(lanes.Get(size.connector).Terms, "RE", number.FROverseas)
					}
				}
				price(&r)
			}
		})
	}
}
