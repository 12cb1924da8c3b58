package console

import (
	"github.com/prometheus/client_golang/prometheus"

	"relais/auth"
)

// Metrics count what streams do, and who signs in. Nil ones count nothing.
type Metrics struct {
	open          prometheus.Gauge
	sent, dropped prometheus.Counter
	refused       prometheus.Counter
	signIns       *prometheus.CounterVec // by way and result
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
	m.signIns = prometheus.NewCounterVec(prometheus.CounterOpts{
		Namespace: "relais", Name: "sign_ins_total", Help: "Attempts to sign in to the console.",
	}, []string{"way", "result"})
	for _, way := range []string{byPassword, byCode, byPasskey, byProvider, byLink} {
		m.signIns.WithLabelValues(way, "in") // so that the first of them is a rise
		m.signIns.WithLabelValues(way, "wrong")
		m.signIns.WithLabelValues(way, "held")
	}
	r.MustRegister(m.open, m.sent, m.dropped, m.refused, m.signIns)
	return m
}

func (m *Metrics) signedIn(way string, s auth.Session, err error) {
	if m != nil {
		m.signIns.WithLabelValues(way, signInResult(s, err)).Inc()
	}
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
