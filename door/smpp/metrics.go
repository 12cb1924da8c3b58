package smpp

import (
	"github.com/prometheus/client_golang/prometheus"

	"relais/smpp"
)

// Metrics of the door. A nil *Metrics counts nothing.
type Metrics struct {
	binds    *prometheus.GaugeVec
	requests *prometheus.CounterVec
	turned   *prometheus.CounterVec
	carried  *prometheus.CounterVec
}

// NewMetrics makes the metrics and registers them.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{
		binds: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: "relais", Name: "smpp_door_binds",
			Help: "Binds of clients that stand.",
		}, []string{"system_id", "bind"}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "relais", Name: "smpp_door_requests_total",
			Help: "Requests of clients that were answered, by command and command_status.",
		}, []string{"system_id", "command", "status"}),
		turned: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "relais", Name: "smpp_door_turned_away_total",
			Help: "Connections that were turned away: the login was refused, or failed too often from there, or too many had not bound.",
		}, []string{"why"}),
		carried: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "relais", Name: "smpp_door_deliveries_total",
			Help: "Receipts and replies that went to clients, by what became of them.",
		}, []string{"system_id", "outcome"}),
	}
	r.MustRegister(m.binds, m.requests, m.turned, m.carried)
	return m
}

func (m *Metrics) began(systemID string, bind smpp.Command) {
	if m != nil {
		m.binds.WithLabelValues(systemID, bind.String()).Inc()
	}
}

func (m *Metrics) ended(systemID string, bind smpp.Command) {
	if m != nil {
		m.binds.WithLabelValues(systemID, bind.String()).Dec()
	}
}

func (m *Metrics) answered(systemID string, command smpp.Command, status smpp.Status) {
	if m != nil {
		m.requests.WithLabelValues(systemID, command.String(), status.String()).Inc()
	}
}

func (m *Metrics) refused() { m.turn("login") }
func (m *Metrics) shut()    { m.turn("address") }
func (m *Metrics) crowded() { m.turn("unbound") }

func (m *Metrics) turn(why string) {
	if m != nil {
		m.turned.WithLabelValues(why).Inc()
	}
}

func (m *Metrics) took(systemID, outcome string) {
	if m != nil {
		m.carried.WithLabelValues(systemID, outcome).Inc()
	}
}
