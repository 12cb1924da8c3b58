package credit

import "github.com/prometheus/client_golang/prometheus"

// Metrics show the credit of connectors. A nil *Metrics shows nothing.
type Metrics struct{ left, alert, empty *prometheus.GaugeVec }

// NewMetrics makes the metrics and registers them.
func NewMetrics(r prometheus.Registerer) *Metrics {
	gauge := func(name, help string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(
			prometheus.GaugeOpts{Namespace: "relais", Name: name, Help: help}, []string{"connector"})
	}
	m := &Metrics{
		left:  gauge("credit", "Credit left with the operator, in its unit."),
		alert: gauge("credit_alert", "Credit below which people are told, in the same unit."),
		empty: gauge("credit_empty_timestamp_seconds",
			"When the credit will be used up at the rate of the last day."),
	}
	r.MustRegister(m.left, m.alert, m.empty)
	return m
}

// watch shows the alert of a connector before its credit is read.
func (m *Metrics) watch(connector string, threshold float64) {
	if m != nil {
		m.alert.WithLabelValues(connector).Set(threshold)
	}
}

// show shows what is left, and when it will be gone if it goes down.
func (m *Metrics) show(r *Record) {
	if m == nil {
		return
	}
	m.left.WithLabelValues(r.Connector).Set(r.Amount)
	if _, empty := r.Forecast(); empty.IsZero() {
		m.empty.DeleteLabelValues(r.Connector)
	} else {
		m.empty.WithLabelValues(r.Connector).Set(float64(empty.Unix()))
	}
}
