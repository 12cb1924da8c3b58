package inbox

import "github.com/prometheus/client_golang/prometheus"

// Metrics count what operators tell. Labels have few values: no number and no text.
type Metrics struct {
	receipts *prometheus.CounterVec // by connector and verdict
	inbounds *prometheus.CounterVec // by connector
}

// NewMetrics makes the metrics and registers them.
func NewMetrics(r prometheus.Registerer) Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "relais", Name: name, Help: help},
			labels)
	}
	m := Metrics{
		receipts: counter("receipts_total",
			"Receipts, by connector and what became of them: applied, late, noted, "+
				"contradicts, repeated, kept, dropped.", "connector", "verdict"),
		inbounds: counter("inbound_total", "Replies received, by connector.", "connector"),
	}
	r.MustRegister(m.receipts, m.inbounds)
	return m
}
