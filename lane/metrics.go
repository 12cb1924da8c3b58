package lane

import (
	"github.com/prometheus/client_golang/prometheus"

	"relais/connector"
	"relais/internal/snapshot"
)

// Metrics count what lanes do. Labels have few values: no number, no message, no text.
type Metrics struct {
	outcomes    *prometheus.CounterVec
	expired     prometheus.Counter
	optedOut    prometheus.Counter
	calls       *prometheus.HistogramVec
	toSubmitted *prometheus.HistogramVec
	state       *snapshot.Gauge
	board       *snapshot.Board // of state
	left        *prometheus.GaugeVec
	paused      *prometheus.GaugeVec
	polls       *prometheus.CounterVec
	noReceipt   *prometheus.CounterVec
	reconciled  *prometheus.CounterVec
	moved       *prometheus.CounterVec
	failures    *prometheus.CounterVec

	secondChances *prometheus.CounterVec

	sessions, wanted, window, unanswered *snapshot.Gauge
	throttled                            *prometheus.CounterVec
	windows                              *snapshot.Board // of them
}

const space = "relais" // of the names

// NewMetrics makes the metrics and registers them.
func NewMetrics(r prometheus.Registerer) *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: space, Name: name, Help: help},
			labels)
	}
	m := &Metrics{
		outcomes: counter("attempts_total",
			"Attempts, by connector, status after it and code.", "connector", "status", "code"),
		expired: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: space, Name: "messages_expired_total",
			Help: "Messages whose validity ended while they were queued.",
		}),
		optedOut: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: space, Name: "opted_out_total",
			Help: "Marketing messages that were stopped after they were accepted, because the recipient opted out.",
		}),
		polls: counter("polls_total",
			"Rounds of asking an operator for news, by connector and result.", "connector", "result"),
		noReceipt: counter("no_receipt_total",
			"Messages that expired without a receipt, by connector.", "connector"),
		reconciled: counter("reconciled_total",
			"Messages in doubt that were settled by asking the operator, by connector and code.",
			"connector", "code"),
		moved: counter("rerouted_total",
			"Messages that left a connector for another, by the connector left.", "connector"),
		failures: counter("connector_failures_total",
			"Calls at which the connector itself failed, by ability and how: panic, timeout, no_answer.",
			"connector", "ability", "how"),
		secondChances: counter("second_chances_total",
			"Codes that were sent once more because the connector brought no receipt.", "connector"),
	}
	m.makeTimes()
	m.makeSessions(r, counter)
	m.board = snapshot.NewBoard(r, m.state)
	r.MustRegister(m.outcomes, m.expired, m.optedOut, m.calls, m.toSubmitted, m.left, m.paused, m.polls,
		m.noReceipt, m.reconciled, m.moved, m.failures, m.secondChances)
	return m
}

// makeTimes makes the histograms and gauges.
func (m *Metrics) makeTimes() {
	m.calls = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Namespace: space, Name: "call_seconds", Help: "Length of a submit call to the operator.",
		Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
	}, []string{"connector"})
	m.toSubmitted = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Namespace: space, Name: "due_to_submitted_seconds",
		Help:    "From the time a message was due until the operator took it.",
		Buckets: []float64{.01, .05, .1, .5, 1, 5, 15, 60, 300, 3600},
	}, []string{"connector", "class"})
	gauge := snapshot.NewGauge
	m.state = gauge("connector_state", "1 for the state that the connector is in.", "connector", "state")
	m.left = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Namespace: space, Name: "connector_left",
		Help: "1 while new messages avoid the connector where they have another.",
	}, []string{"connector"})
	m.paused = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Namespace: space, Name: "connector_paused", Help: "1 while a person has paused the connector.",
	}, []string{"connector"})
}

// makeSessions makes those of operators with live sessions.
func (m *Metrics) makeSessions(
	r prometheus.Registerer, counter func(name, help string, labels ...string) *prometheus.CounterVec,
) {
	gauge := snapshot.NewGauge
	m.sessions = gauge("sessions", "Live sessions with the operator that stand.", "connector")
	m.wanted = gauge("sessions_wanted", "Live sessions with the operator that the configuration asks for.", "connector")
	m.window = gauge("window", "Most messages without an answer that the sessions may have.", "connector")
	m.unanswered = gauge("window_used", "Messages without an answer that the sessions have.", "connector")
	m.windows = snapshot.NewBoard(r, m.sessions, m.wanted, m.window, m.unanswered)
	m.throttled = counter("throttled_total",
		"Messages, or parts of one, that the operator did not take by a session because they came too fast.", "connector")
	r.MustRegister(m.throttled)
}

// showSessions shows the sessions of a connector; more is what was throttled since the last time.
func (m *Metrics) showSessions(name string, s *connector.Sessions, more int) {
	m.windows.Show(name, m.sessions.At(float64(s.Standing), name), m.wanted.At(float64(s.Wanted), name),
		m.window.At(float64(s.Window), name), m.unanswered.At(float64(s.Unanswered), name))
	m.throttled.WithLabelValues(name).Add(float64(max(0, more)))
}

// hideSessions takes them away: another node may keep them now.
func (m *Metrics) hideSessions(name string) { m.windows.Show(name) }

// begin shows the counters of a connector that alerts watch before they first
// count: a series that begins with 1 has not risen, as Prometheus sees it.
func (m *Metrics) begin(l *Lane) {
	m.noReceipt.WithLabelValues(l.Name)
	for _, ability := range l.Caps.Names() {
		for _, how := range connector.Failings {
			m.failures.WithLabelValues(l.Name, ability, string(how))
		}
	}
	if l.Caps.SessionTeller != nil {
		m.throttled.WithLabelValues(l.Name)
	}
	if l.Caps.NewsPoller != nil {
		m.polls.WithLabelValues(l.Name, "done")
		m.polls.WithLabelValues(l.Name, "failed")
	}
}

// failed counts a call at which a connector itself failed.
func (m *Metrics) failed(name, ability string, how connector.Failing) {
	m.failures.WithLabelValues(name, ability, string(how)).Inc()
}

// Expired counts messages whose validity ended while they were queued.
func (m *Metrics) Expired(messages int) { m.expired.Add(float64(messages)) }

// showState shows the state of a lane.
func (m *Metrics) showState(name string, state State) {
	values := []snapshot.Value{}
	for _, s := range []State{Running, Throttled, Failing, Blocked} {
		values = append(values, m.state.On(s == state, name, string(s)))
	}
	m.board.Show("lane "+name, values...)
}

// ShowMissing shows whether messages wait for a connector that has no lane.
func (m *Metrics) ShowMissing(name string, missing bool) {
	if missing {
		m.board.Show("missing "+name, m.state.On(true, name, string(Missing)))
		return
	}
	m.board.Show("missing " + name)
}

func (m *Metrics) setPaused(name string, on bool) { m.set(m.paused.WithLabelValues(name), on) }

func (m *Metrics) setLeft(name string, left bool) { m.set(m.left.WithLabelValues(name), left) }

func (m *Metrics) set(g prometheus.Gauge, on bool) {
	value := 0.0
	if on {
		value = 1
	}
	g.Set(value)
}
