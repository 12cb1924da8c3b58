package webhook

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics are the counters of deliveries. No label names an endpoint.
type Metrics struct {
	deliveries *prometheus.CounterVec
	seconds    prometheus.Histogram
}

// NewMetrics makes the metrics and registers them.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "relais", Name: "webhook_attempts_total", Help: "Attempts to deliver a webhook, by result: delivered, retried, given_up.",
		}, []string{"result"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: "relais", Name: "webhook_seconds", Help: "Length of a webhook request that was taken.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}),
	}
	r.MustRegister(m.deliveries, m.seconds)
	return m
}

var results = map[DeliveryState]string{Delivered: "delivered", Pending: "retried", Failed: "given_up"}

func (m *Metrics) settled(batch []Attempt) {
	for i := range batch {
		m.deliveries.WithLabelValues(results[batch[i].State]).Inc()
	}
}

func (m *Metrics) took(d time.Duration) { m.seconds.Observe(d.Seconds()) }
