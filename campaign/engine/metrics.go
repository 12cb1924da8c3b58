package engine

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"relais/campaign/ledger"
	"relais/internal/snapshot"
	"relais/reason"
)

// Metrics count campaigns and their rows. No label names a campaign.
type Metrics struct {
	rows      *prometheus.CounterVec
	pauses    *prometheus.CounterVec
	campaigns *snapshot.Gauge
	oldest    *snapshot.Gauge
	board     *snapshot.Board // of campaigns and oldest
}

// pauses are the reasons of pauses.
var pauses = []reason.Code{
	ByPerson, MissedStart, Refused, Quota, Errors, OptOuts, Doubt, Credit, ConnectorGone,
}

// NewMetrics makes the metrics and registers them.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{
		rows: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "relais", Name: "campaign_rows_total",
			Help: "Moves of rows of campaigns, by the state they came to: taken, ended, skipped, canceled, waiting (again).",
		}, []string{"state"}),
		pauses: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "relais", Name: "campaign_paused_total", Help: "Pauses of campaigns, by reason.",
		}, []string{"reason"}),
	}
	gauge := snapshot.NewGauge
	m.campaigns = gauge("campaigns", "Campaigns that are under way, by status.", "status")
	m.oldest = gauge("campaign_oldest_running_seconds", "How long the campaign runs that was started first.")
	m.board = snapshot.NewBoard(r, m.campaigns, m.oldest)
	r.MustRegister(m.rows, m.pauses)
	// A series that begins with 1 has not risen, as Prometheus sees it.
	for _, state := range ledger.States {
		m.rows.WithLabelValues(string(state))
	}
	for _, why := range pauses {
		m.pauses.WithLabelValues(why.Wire())
	}
	return m
}

func (m *Metrics) came(rows int, to ledger.State) {
	m.rows.WithLabelValues(string(to)).Add(float64(rows))
}

// moved counts rows where they are now.
func (m *Metrics) moved(rows []ledger.Row) {
	for i := range rows {
		m.came(1, rows[i].State)
	}
}

func (m *Metrics) paused(why reason.Code) { m.pauses.WithLabelValues(why.Wire()).Inc() }

// stand shows the campaigns of one status.
func (m *Metrics) stand(status ledger.Status, found []ledger.Campaign, now time.Time) {
	values := []snapshot.Value{m.campaigns.At(float64(len(found)), string(status))}
	if status == ledger.Running {
		values = append(values, m.oldest.At(longest(found, now).Seconds()))
	}
	m.board.Show(string(status), values...)
}

// longest is how long the campaign runs that was started first; 0: none runs.
func longest(found []ledger.Campaign, now time.Time) (longest time.Duration) {
	for i := range found {
		longest = max(longest, now.Sub(found[i].StartedAt))
	}
	return longest
}

// leave shows that another node works on campaigns.
func (m *Metrics) leave(statuses ...ledger.Status) {
	for _, status := range statuses {
		m.board.Show(string(status))
	}
}
