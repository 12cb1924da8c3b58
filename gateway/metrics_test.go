package gateway_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"relais/credit"
	"relais/gateway"
	"relais/sms"
)

// gathered are the series of a registry that have the label connector="ovh".
func gathered(t *testing.T, r *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]float64{}
	for _, family := range families {
		for _, one := range family.GetMetric() {
			name := family.GetName()
			for _, label := range one.GetLabel() {
				if label.GetName() != "connector" || label.GetValue() == "sane" {
					name += " " + label.GetValue()
				}
			}
			found[name] = one.GetCounter().GetValue() + one.GetGauge().GetValue()
		}
	}
	return found
}

// A counter that appears with its first event has not risen, as Prometheus sees
// it: an alert on its rise would miss that event.
func TestCountersThatAlertsWatchAreThereFromTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		registry, threshold := prometheus.NewRegistry(), 100.0
		o := &teller{credits: []float64{1}, status: []sms.Receipt{}}
		l := tellers(t, o, func(options *gateway.Options) {
			options.Metrics, options.Instances[0].CreditAlert = gateway.NewMetrics(registry), &threshold
			options.Credit = watching(options, credit.Options{Metrics: credit.NewMetrics(registry)})
		})
		defer l.stop(t)
		got := gathered(t, registry)
		for name, want := range map[string]float64{
			"relais_no_receipt_total": 0, "relais_callbacks_refused_total": 0, "relais_credit_alert": 100,
			"relais_connector_state running": 1, "relais_connector_state blocked": 0,
		} {
			if value, there := got[name]; !there || value != want {
				t.Errorf("%s is %v (there: %v), want %v", name, value, there, want)
			}
		}
		if _, there := got["relais_polls_total failed"]; there {
			t.Error("an operator that is not polled has a count of polls")
		}
	})
}

func TestMetricsForecastTheCredit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		registry := prometheus.NewRegistry()
		o := &teller{credits: []float64{120, 90, 60, 60}, status: []sms.Receipt{}}
		l := tellers(t, o, func(options *gateway.Options) {
			options.Metrics = gateway.NewMetrics(registry)
			options.Credit = watching(options,
				credit.Options{Every: 8 * time.Minute, Metrics: credit.NewMetrics(registry)})
		})
		defer l.stop(t)
		const empty = "relais_credit_empty_timestamp_seconds"
		time.Sleep(time.Second)
		if at, there := gathered(t, registry)[empty]; there {
			t.Errorf("a forecast after one reading: %v", at)
		}
		time.Sleep(16 * time.Minute) // 120, 90, 60: 30 in 8 minutes, so that 60 last 16 more
		got := gathered(t, registry)
		want := float64(time.Now().Add(16 * time.Minute).Unix())
		if at := got[empty]; at < want-5 || at > want+5 || got["relais_credit"] != 60 {
			t.Errorf("empty at %v, want about %v; credit %v", at, want, got["relais_credit"])
		}
	})
}
