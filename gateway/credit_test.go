package gateway

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
		m.setCredit(&CreditRecord{
			Connector: "ovh", Balance: connector.Balance{Amount: 50, At: now},
			Samples: []CreditSample{{At: now.Add(-time.Hour), Amount: before}, {At: now, Amount: 50}},
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

func TestBurn(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	r := CreditRecord{Samples: []CreditSample{{at, 100}, {at.Add(time.Hour), 90}, {at.Add(2 * time.Hour), 190}, {at.Add(4 * time.Hour), 160}}}
	r.Amount, r.At = 160, at.Add(4*time.Hour)
	perDay, empty := r.Forecast()
	if perDay != 240 || !empty.Equal(r.At.Add(16*time.Hour)) {
		t.Errorf("%v a day, empty at %v; want 240 a day, 16 h later", perDay, empty)
	}
	if perDay, empty := (&CreditRecord{}).Forecast(); perDay != 0 || !empty.IsZero() {
		t.Errorf("a forecast from nothing: %v, %v", perDay, empty)
	}
}
