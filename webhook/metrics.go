package webhook

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"relais/internal/snapshot"
)

// Metrics are the counters of deliveries. No label names an endpoint.
type Metrics struct {
	deliveries *prometheus.CounterVec
	seconds    prometheus.Histogram
	endpoints  *snapshot.Gauge
	oldest     *snapshot.Gauge
	board      *snapshot.Board // of endpoints and oldest
}

// NewMetrics makes the metrics and registers them.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "relais", Name: "webhook_attempts_total",
			Help: "Attempts to deliver a webhook, by result: delivered, retried, given_up.",
		}, []string{"result"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: "relais", Name: "webhook_seconds", Help: "Length of a webhook request that was taken.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}),
	}
	gauge := snapshot.NewGauge
	m.endpoints = gauge("webhook_endpoints", "Endpoints, by state: active, quarantined, disabled.", "state")
	m.oldest = gauge("webhook_oldest_due_seconds",
		"How late the webhook is that has waited longest for an active endpoint.")
	m.board = snapshot.NewBoard(r, m.endpoints, m.oldest)
	m.leave()
	r.MustRegister(m.deliveries, m.seconds)
	// A series that begins with 1 has not risen, as Prometheus sees it.
	for _, result := range results {
		m.deliveries.WithLabelValues(result)
	}
	return m
}

var results = map[DeliveryState]string{Delivered: "delivered", Pending: "retried", Failed: "given_up"}

func (m *Metrics) settled(batch []Attempt) {
	for i := range batch {
		m.deliveries.WithLabelValues(results[batch[i].State]).Inc()
	}
}

func (m *Metrics) stand(s Standing, now time.Time) {
	late := 0.0
	if !s.Oldest.IsZero() {
		late = max(0, now.Sub(s.Oldest).Seconds())
	}
	values := []snapshot.Value{m.oldest.At(late)}
	for _, state := range []State{Active, Quarantined, Disabled} {
		values = append(values, m.endpoints.At(float64(s.Endpoints[state]), string(state)))
	}
	m.board.Show("", values...)
}

// leave shows that another node looks after webhooks.
func (m *Metrics) leave() { m.board.Show("", m.oldest.At(0)) }

func (m *Metrics) took(d time.Duration) { m.seconds.Observe(d.Seconds()) }
