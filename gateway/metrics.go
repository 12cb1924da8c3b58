package gateway

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"relais/inbox"
	"relais/internal/snapshot"
	"relais/lane"
)

// Metrics are the gateway's counters. Labels have few values: no number, no
// message, no text.
type Metrics struct {
	lanes    *lane.Metrics
	accepted *prometheus.CounterVec
	refused  *prometheus.CounterVec
	messages *snapshot.Gauge
	oldest   *snapshot.Gauge
	board    *snapshot.Board // of messages and oldest

	unmatched *snapshot.Gauge
	receipts  *snapshot.Board // of unmatched

	inbox         inbox.Metrics
	refusedPushes *prometheus.CounterVec
	undecided     prometheus.Gauge
	purged        *prometheus.CounterVec
}

// NewMetrics makes the metrics and registers them.
func NewMetrics(r prometheus.Registerer) *Metrics {
	const space = "relais"
	gauge := snapshot.NewGauge
	m := &Metrics{
		lanes: lane.NewMetrics(r), inbox: inbox.NewMetrics(r),
		accepted: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: space, Name: "messages_accepted_total",
			Help: "Messages made durable, by class and connector.",
		}, []string{"class", "connector"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: space, Name: "recipients_refused_total",
			Help: "Recipients that get no message, by the code of the refusal.",
		}, []string{"code"}),
		messages: gauge("messages_waiting", "Messages that wait, by connector and status.", "connector", "status"),
		oldest:   gauge("oldest_due_seconds", "How late the longest waiting message is.", "connector", "status"),
	}
	m.board = snapshot.NewBoard(r, m.messages, m.oldest)
	m.unmatched = gauge("receipts_unmatched", "Receipts that no message is known by.", "connector")
	m.receipts = snapshot.NewBoard(r, m.unmatched)
	m.afterSubmit(space)
	r.MustRegister(m.accepted, m.refused, m.refusedPushes, m.undecided, m.purged)
	return m
}

// afterSubmit makes the metrics of what follows a submit.
func (m *Metrics) afterSubmit(space string) {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: space, Name: name, Help: help},
			labels)
	}
	m.refusedPushes = counter("callbacks_refused_total",
		"Pushes of operators that could not be read.", "connector")
	m.purged = counter("purged_total",
		"Rows whose text was removed or whose number was hidden, by the account's retention.", "what")
	m.undecided = prometheus.NewGauge(prometheus.GaugeOpts{
		Namespace: space, Name: "inbound_undecided",
		Help: "Replies that may be a STOP and wait for a person's decision.",
	})
}

// begin shows the counters of a connector that alerts watch before they first
// count: a series that begins with 1 has not risen, as Prometheus sees it.
func (m *Metrics) begin(l *lane.Lane) {
	m.refusedPushes.WithLabelValues(l.Name)
}

func (m *Metrics) waiting(backlog []lane.Backlog, now time.Time) {
	values := make([]snapshot.Value, 0, 2*len(backlog))
	for _, b := range backlog {
		values = append(values, m.messages.At(float64(b.Messages), b.Connector, string(b.Status)),
			m.oldest.At(max(0, now.Sub(b.Oldest).Seconds()), b.Connector, string(b.Status)))
	}
	m.board.Show("", values...)
}

// unknown shows the receipts that wait for a message, of each connector that is configured.
func (m *Metrics) unknown(connectors []string, unmatched map[string]int) {
	values := make([]snapshot.Value, len(connectors))
	for i, name := range connectors {
		values[i] = m.unmatched.At(float64(unmatched[name]), name)
	}
	m.receipts.Show("", values...)
}
