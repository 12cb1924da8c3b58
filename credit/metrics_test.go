package credit

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"relais/connector"
)

func TestForecastEndsWithTheDecline(t *testing.T) {
	registry, now := prometheus.NewRegistry(), time.Now()
	m := NewMetrics(registry)
	shown := func(before float64) int {
		m.show(&Record{
			Connector: "ovh", Balance: connector.Balance{Amount: 50, At: now},
			Samples: []Sample{{At: now.Add(-time.Hour), Amount: before}, {At: now, Amount: 50}},
		})
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, family := range families {
			if family.GetName() == "relais_credit_empty_timestamp_seconds" {
				return len(family.GetMetric())
			}
		}
		return 0
	}
	for _, tc := range []struct {
		name   string
		before float64
		want   int
	}{
		{"it goes down", 60, 1},
		{"it stands", 50, 0},
	} {
		if got := shown(tc.before); got != tc.want {
			t.Errorf("%s: %d forecasts, want %d", tc.name, got, tc.want)
		}
	}
}
