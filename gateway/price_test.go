package gateway

import (
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"relais/duty"
	"relais/lane"
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
		Instances: []lane.Instance{{Name: "dear", Tariff: table}, {Name: "free"}}, Clock: duty.NewClock(time.Now),
		Account: func(string) Account { return Account{} }, Metrics: NewMetrics(prometheus.NewRegistry()),
	})
	if err != nil {
		panic(err)
	}
	return g
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
