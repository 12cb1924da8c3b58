package gateway

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics are the gateway's counters. Labels have few values: no number, no
// message, no text.
type Metrics struct {
	accepted    *prometheus.CounterVec
	refused     prometheus.Counter
	outcomes    *prometheus.CounterVec
	expired     prometheus.Counter
	calls       *prometheus.HistogramVec
	toSubmitted *prometheus.HistogramVec
	state       *prometheus.GaugeVec
	messages    *prometheus.GaugeVec
	oldest      *prometheus.GaugeVec
}

// NewMetrics makes the metrics and registers them.
func NewMetrics(r prometheus.Registerer) *Metrics {
	const space = "relais"
	m := &Metrics{
		accepted: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: space, Name: "messages_accepted_total", Help: "Messages made durable, by class and connector.",
		}, []string{"class", "connector"}),
		refused: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: space, Name: "recipients_refused_total", Help: "Recipients refused beside accepted ones.",
		}),
		outcomes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: space, Name: "attempts_total", Help: "Attempts, by connector, status after it and code.",
		}, []string{"connector", "status", "code"}),
		expired: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: space, Name: "messages_expired_total", Help: "Messages whose validity ended while they were queued.",
		}),
		calls: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: space, Name: "call_seconds", Help: "Length of a submit call to the operator.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"connector"}),
		toSubmitted: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: space, Name: "due_to_submitted_seconds", Help: "From the time a message was due until the operator took it.",
			Buckets: []float64{.01, .05, .1, .5, 1, 5, 15, 60, 300, 3600},
		}, []string{"connector", "class"}),
		state: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: space, Name: "connector_state", Help: "1 for the state that the connector is in.",
		}, []string{"connector", "state"}),
		messages: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: space, Name: "messages_waiting", Help: "Messages that wait, by connector and status.",
		}, []string{"connector", "status"}),
		oldest: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: space, Name: "oldest_due_seconds", Help: "How late the longest waiting message is.",
		}, []string{"connector", "status"}),
	}
	r.MustRegister(m.accepted, m.refused, m.outcomes, m.expired, m.calls, m.toSubmitted, m.state, m.messages, m.oldest)
	return m
}

func (m *Metrics) waiting(backlog []Backlog, now time.Time) {
	m.messages.Reset()
	m.oldest.Reset()
	for _, b := range backlog {
		m.messages.WithLabelValues(b.Connector, string(b.Status)).Set(float64(b.Messages))
		m.oldest.WithLabelValues(b.Connector, string(b.Status)).Set(max(0, now.Sub(b.Oldest).Seconds()))
	}
}

func (m *Metrics) setState(connector string, state LaneState, on bool) {
	value := 0.0
	if on {
		value = 1
	}
	m.state.WithLabelValues(connector, string(state)).Set(value)
}
