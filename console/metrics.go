package console

import "github.com/prometheus/client_golang/prometheus"

// Metrics count what streams do. Nil ones count nothing.
type Metrics struct {
	open          prometheus.Gauge
	sent, dropped prometheus.Counter
	refused       prometheus.Counter
}

// NewMetrics makes the metrics and registers them.
func NewMetrics(r prometheus.Registerer) *Metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Namespace: "relais", Name: name, Help: help})
	}
	m := &Metrics{
		open: prometheus.NewGauge(prometheus.GaugeOpts{
			Namespace: "relais", Name: "console_streams", Help: "Pages that are kept up to date.",
		}),
		sent: counter("console_events_sent_total", "Events that pages were sent."),
		dropped: counter("console_events_dropped_total",
			"Times that a slow page lost its events, and was told to reload."),
		refused: counter("console_streams_refused_total",
			"Streams that were refused: too many of a person, or of the node."),
	}
	r.MustRegister(m.open, m.sent, m.dropped, m.refused)
	return m
}

func (m *Metrics) told() {
	if m != nil {
		m.sent.Inc()
	}
}

func (m *Metrics) drop() {
	if m != nil {
		m.dropped.Inc()
	}
}

func (m *Metrics) refuse() {
	if m != nil {
		m.refused.Inc()
	}
}

func (m *Metrics) count(streams int) {
	if m != nil {
		m.open.Set(float64(streams))
	}
}
