package shadow

import "github.com/prometheus/client_golang/prometheus"

// Metrics count what was compared.
type Metrics struct{ total *prometheus.CounterVec }

// NewMetrics makes the metrics and registers them.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{prometheus.NewCounterVec(prometheus.CounterOpts{
		Namespace: "relais", Name: "shadow_total",
		Help: "Requests compared with an old gateway, by door and verdict.",
	}, []string{"door", "verdict"})}
	r.MustRegister(m.total)
	return m
}
