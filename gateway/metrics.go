package gateway

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"relais/connector"
)

// Metrics are the gateway's counters. Labels have few values: no number, no
// message, no text.
type Metrics struct {
	accepted    *prometheus.CounterVec
	refused     *prometheus.CounterVec
	outcomes    *prometheus.CounterVec
	expired     prometheus.Counter
	calls       *prometheus.HistogramVec
	toSubmitted *prometheus.HistogramVec
	state       *prometheus.GaugeVec
	messages    *prometheus.GaugeVec
	oldest      *prometheus.GaugeVec

	receipts      *prometheus.CounterVec
	refusedPushes *prometheus.CounterVec
	inbounds      *prometheus.CounterVec
	polls         *prometheus.CounterVec
	noReceipt     *prometheus.CounterVec
	reconciled    *prometheus.CounterVec
	secondChances *prometheus.CounterVec
	moved         *prometheus.CounterVec
	optedOut      prometheus.Counter
	undecided     prometheus.Gauge
	credit        *prometheus.GaugeVec
	creditAlert   *prometheus.GaugeVec
	creditEmpty   *prometheus.GaugeVec
	left          *prometheus.GaugeVec
	purged        *prometheus.CounterVec
	failures      *prometheus.CounterVec
}

// NewMetrics makes the metrics and registers them.
func NewMetrics(r prometheus.Registerer) *Metrics {
	const space = "relais"
	m := &Metrics{
		accepted: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: space, Name: "messages_accepted_total", Help: "Messages made durable, by class and connector.",
		}, []string{"class", "connector"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: space, Name: "recipients_refused_total", Help: "Recipients that get no message, by the code of the refusal.",
		}, []string{"code"}),
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
	m.afterSubmit(space)
	r.MustRegister(m.accepted, m.refused, m.outcomes, m.expired, m.calls, m.toSubmitted, m.state, m.messages, m.oldest,
		m.receipts, m.refusedPushes, m.inbounds, m.polls, m.noReceipt, m.reconciled, m.secondChances, m.moved, m.optedOut, m.undecided,
		m.credit, m.creditAlert, m.creditEmpty, m.left, m.purged, m.failures)
	return m
}

// afterSubmit makes the metrics of what follows a submit.
func (m *Metrics) afterSubmit(space string) {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: space, Name: name, Help: help}, labels)
	}
	m.receipts = counter("receipts_total", "Receipts, by connector and what became of them: applied, late, noted, contradicts, repeated, kept, dropped.", "connector", "verdict")
	m.refusedPushes = counter("callbacks_refused_total", "Pushes of operators that could not be read.", "connector")
	m.inbounds = counter("inbound_total", "Replies received, by connector.", "connector")
	m.polls = counter("polls_total", "Rounds of asking an operator for news, by connector and result.", "connector", "result")
	m.noReceipt = counter("no_receipt_total", "Messages that expired without a receipt, by connector.", "connector")
	m.reconciled = counter("reconciled_total", "Messages in doubt that were settled by asking the operator, by connector and code.", "connector", "code")
	m.secondChances = counter("second_chances_total", "Codes that were sent once more because the connector brought no receipt.", "connector")
	m.failures = counter("connector_failures_total",
		"Calls at which the connector itself failed, by ability and how: panic, timeout, no_answer.", "connector", "ability", "how")
	m.purged = counter("purged_total", "Rows whose text was removed or whose number was hidden, by the account's retention.", "what")
	m.moved = counter("rerouted_total", "Messages that left a connector for another, by the connector left.", "connector")
	m.optedOut = prometheus.NewCounter(prometheus.CounterOpts{
		Namespace: space, Name: "opted_out_total", Help: "Marketing messages that were stopped after they were accepted, because the recipient opted out.",
	})
	m.undecided = prometheus.NewGauge(prometheus.GaugeOpts{
		Namespace: space, Name: "inbound_undecided", Help: "Replies that may be a STOP and wait for a person's decision.",
	})
	gauge := func(name, help string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: space, Name: name, Help: help}, []string{"connector"})
	}
	m.credit = gauge("credit", "Credit left with the operator, in its unit.")
	m.creditAlert = gauge("credit_alert", "Credit below which people are told, in the same unit.")
	m.creditEmpty = gauge("credit_empty_timestamp_seconds", "When the credit will be used up at the rate of the last day.")
	m.left = gauge("connector_left", "1 while new messages avoid the connector where they have another.")
}

// begin shows the counters of a connector that alerts watch before they first
// count: a series that begins with 1 has not risen, as Prometheus sees it.
func (m *Metrics) begin(l *lane) {
	m.noReceipt.WithLabelValues(l.name)
	m.refusedPushes.WithLabelValues(l.name)
	for _, ability := range l.caps.Names() {
		for _, how := range connector.Failings {
			m.failures.WithLabelValues(l.name, ability, string(how))
		}
	}
	if l.caps.NewsPoller != nil {
		m.polls.WithLabelValues(l.name, "done")
		m.polls.WithLabelValues(l.name, "failed")
	}
	if l.creditAlert != nil && l.caps.Balancer != nil {
		m.creditAlert.WithLabelValues(l.name).Set(*l.creditAlert)
	}
}

// setCredit shows what is left, and when it will be gone if it goes down.
func (m *Metrics) setCredit(r *CreditRecord) {
	m.credit.WithLabelValues(r.Connector).Set(r.Amount)
	if _, empty := r.Forecast(); empty.IsZero() {
		m.creditEmpty.DeleteLabelValues(r.Connector)
	} else {
		m.creditEmpty.WithLabelValues(r.Connector).Set(float64(empty.Unix()))
	}
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

// failed counts a call at which a connector itself failed.
func (m *Metrics) failed(name, ability string, how connector.Failing) {
	m.failures.WithLabelValues(name, ability, string(how)).Inc()
}

func (m *Metrics) setLeft(connector string, left bool) {
	value := 0.0
	if left {
		value = 1
	}
	m.left.WithLabelValues(connector).Set(value)
}
