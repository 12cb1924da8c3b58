package quota

import "github.com/prometheus/client_golang/prometheus"

// Metrics count what quotas refuse. A nil *Metrics counts nothing.
type Metrics struct{ refused *prometheus.CounterVec }

// NewMetrics makes the metrics and registers them.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{prometheus.NewCounterVec(prometheus.CounterOpts{
		Namespace: "relais", Name: "quota_refused_total",
		Help: "Messages that a quota did not allow, by quota.",
	}, []string{"quota"})}
	r.MustRegister(m.refused)
	return m
}

func (m *Metrics) refuse(quota string, messages int) {
	if m != nil {
		m.refused.WithLabelValues(quota).Add(float64(messages))
	}
}
