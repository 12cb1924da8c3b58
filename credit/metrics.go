package credit

import (
	"github.com/prometheus/client_golang/prometheus"

	"relais/internal/snapshot"
)

// Metrics show the credit of connectors. A nil *Metrics shows nothing.
type Metrics struct {
	left, alert, empty *snapshot.Gauge

	board *snapshot.Board
}

// NewMetrics makes the metrics and registers them.
func NewMetrics(r prometheus.Registerer) *Metrics {
	gauge := snapshot.NewGauge
	m := &Metrics{
		left:  gauge("credit", "Credit left with the operator, in its unit.", "connector"),
		alert: gauge("credit_alert", "Credit below which people are told, in the same unit.", "connector"),
		empty: gauge("credit_empty_timestamp_seconds",
			"When the credit will be used up at the rate of the last day.", "connector"),
	}
	m.board = snapshot.NewBoard(r, m.left, m.alert, m.empty)
	return m
}

// watch shows the alert of a connector before its credit is read.
func (m *Metrics) watch(connector string, threshold float64) {
	if m != nil {
		m.board.Show("alert "+connector, m.alert.At(threshold, connector))
	}
}

// show shows what is left, and when it will be gone if it goes down.
func (m *Metrics) show(r *Record) {
	if m == nil {
		return
	}
	values := []snapshot.Value{m.left.At(r.Amount, r.Connector)}
	if _, empty := r.Forecast(); !empty.IsZero() {
		values = append(values, m.empty.At(float64(empty.Unix()), r.Connector))
	}
	m.board.Show("credit "+r.Connector, values...)
}
