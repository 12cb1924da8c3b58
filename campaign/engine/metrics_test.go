package engine_test

import (
	"testing"
	"time"

	"relais/campaign/ledger"
)

// TestMetricsTellOfCampaigns: how many are under way, and what came of their rows.
func TestMetricsTellOfCampaigns(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, o *operator) {
		const rows = 100
		c := w.ready(t, "Bonjour ((nom))", list(rows))
		c, err := w.Start(t.Context(), "default", c.ID, c.Check, time.Now().Add(time.Hour), by)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second changes nothing
			if _, err := w.Pause(t.Context(), "default", c.ID, by); err != nil {
				t.Fatal(err)
			}
		}
		sleep(t, 2*time.Second)
		w.measures(t, "relais_campaign_paused_total", "by_person", 1)
		w.measures(t, "relais_campaigns", "paused", 1)
		w.measures(t, "relais_campaigns", "running", 0)
		sleep(t, 2*time.Hour)
		if _, err := w.Resume(t.Context(), "default", c.ID, by); err != nil {
			t.Fatal(err)
		}
		c = w.await(t, c.ID, ledger.Finishing)
		w.arrive(t, o.sent())
		w.await(t, c.ID, ledger.Finished)
		w.measures(t, "relais_campaign_rows_total", "taken", 100)
		w.measures(t, "relais_campaign_rows_total", "ended", 100)
		sleep(t, 2*time.Second)
		w.measures(t, "relais_campaigns", "paused", 0)
	})
}

// measures checks the value of the series of a metric that has a label.
func (w *world) measures(t *testing.T, metric, label string, want float64) {
	t.Helper()
	families, err := w.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			if family.GetName() != metric || m.GetLabel()[0].GetValue() != label {
				continue
			}
			if got := m.GetCounter().GetValue() + m.GetGauge().GetValue(); got != want {
				t.Errorf("%s of %s is %v, want %v", metric, label, got, want)
			}
			return
		}
	}
	t.Errorf("there is no %s of %s", metric, label)
}
