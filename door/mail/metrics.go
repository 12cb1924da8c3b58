package mail

import (
	"fmt"

	"github.com/emersion/go-smtp"
	"github.com/prometheus/client_golang/prometheus"
)

// Metrics of the door. A nil *Metrics counts nothing.
type Metrics struct {
	answers *prometheus.CounterVec
	away    *prometheus.CounterVec
}

// NewMetrics makes the metrics and registers them.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{
		answers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "relais", Name: "mail_door_answers_total",
			Help: "Mails that were taken and refusals, by the enhanced status code.",
		}, []string{"server", "status"}),
		away: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "relais", Name: "mail_door_turned_away_total",
			Help: "Logins that were refused, and connections that were: too many logins failed from there, or too many stand.",
		}, []string{"why"}),
	}
	r.MustRegister(m.answers, m.away)
	return m
}

func (m *Metrics) answered(server string, said *smtp.SMTPError) {
	if m != nil {
		e := said.EnhancedCode
		m.answers.WithLabelValues(server, fmt.Sprintf("%d.%d.%d", e[0], e[1], e[2])).Inc()
	}
}

func (m *Metrics) turned(why string) {
	if m != nil {
		m.away.WithLabelValues(why).Inc()
	}
}
