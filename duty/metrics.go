package duty

import "github.com/prometheus/client_golang/prometheus"

// Metrics show which node does what. A nil *Metrics shows nothing.
type Metrics struct{ duties *prometheus.GaugeVec }

// NewMetrics makes the metrics and registers them.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Namespace: "relais", Name: "duty",
		Help: "1 while this node does the work, which one node of a cluster does at a time.",
	}, []string{"duty"})}
	r.MustRegister(m.duties)
	return m
}

func (m *Metrics) set(duty string, ours float64) {
	if m != nil {
		m.duties.WithLabelValues(duty).Set(ours)
	}
}
