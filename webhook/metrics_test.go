package webhook_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"relais/sms"
	"relais/webhook"
)

func TestMetricsTellOfQuarantineAndLateness(t *testing.T) {
	d := open(t, t.TempDir(), local)
	defer d.close()
	release := make(chan struct{})
	slow := receive(t, func(int, http.ResponseWriter, *http.Request) { <-release })
	d.register(slow)
	bad := d.register(receive(t, nil), webhook.ConnectorBlocked)
	well := bad
	bad.State, bad.ProbeAt = webhook.Quarantined, time.Now().Add(24*time.Hour)
	if err := d.store.ChangeEndpoint(t.Context(), well, bad); err != nil {
		t.Fatal(err)
	}
	due := time.Now().Add(-time.Hour)
	if err := d.store.TellAll(
		t.Context(), string(webhook.CreditLow), sms.NewID(due), due, []byte(`{}`),
	); err != nil {
		t.Fatal(err)
	}
	registry := prometheus.NewRegistry()
	d.Metrics = webhook.NewMetrics(registry)
	if got, there := gathered(t, registry)["relais_webhook_attempts_total given_up"]; !there || got != 0 {
		t.Errorf("given_up is %v (there: %v) before anything was given up", got, there)
	}
	d.Start()
	// The two are set one after the other, and each alone may be seen.
	got := gathered(t, registry)
	told := func() bool {
		return got["relais_webhook_endpoints quarantined"] == 1 && got["relais_webhook_oldest_due_seconds"] != 0
	}
	for deadline := time.Now().Add(20 * time.Second); !told(); got = gathered(t, registry) {
		if time.Now().After(deadline) {
			t.Fatalf("metrics %v, want one endpoint in quarantine, and a webhook that is late", got)
		}
	}
	if late := got["relais_webhook_oldest_due_seconds"]; late < 3600 || late > 3700 {
		t.Errorf("a webhook that was due an hour ago is %v s late", late)
	}
	if got["relais_webhook_endpoints active"] != 1 || got["relais_webhook_endpoints disabled"] != 0 {
		t.Errorf("metrics %v", got)
	}
	close(release)
	if err := d.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	got = gathered(t, registry)
	if n, there := got["relais_webhook_endpoints quarantined"]; there ||
		got["relais_webhook_oldest_due_seconds"] != 0 {
		t.Errorf("a node that no longer delivers tells of %v in quarantine, %v", n, got)
	}
}

// gathered are the series of a registry, by name and label values.
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
				name += " " + label.GetValue()
			}
			found[name] = one.GetCounter().GetValue() + one.GetGauge().GetValue()
		}
	}
	return found
}
