// Package snapshot shows gauges that belong together to Prometheus: whoever reads them
// sees all of one moment, never half of one and never none between two.
package snapshot

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// Gauge is a figure with a series for each set of its labels.
type Gauge struct {
	name string
	desc *prometheus.Desc
}

// NewGauge makes a gauge of the gateway.
func NewGauge(name, help string, labels ...string) *Gauge {
	name = prometheus.BuildFQName("relais", "", name)
	return &Gauge{name, prometheus.NewDesc(name, help, labels, nil)}
}

// At is a value of the gauge, with a value for each of its labels.
func (g *Gauge) At(value float64, labels ...string) Value { return Value{g, value, labels} }

// On is At for what is so, 1, or is not, 0.
func (g *Gauge) On(on bool, labels ...string) Value {
	if on {
		return g.At(1, labels...)
	}
	return g.At(0, labels...)
}

// Value is one series.
type Value struct {
	gauge  *Gauge
	value  float64
	labels []string
}

// key tells series apart.
func (v *Value) key() string {
	return strings.Join(append([]string{v.gauge.name}, v.labels...), "\xff")
}

// Board shows gauges. Its values stand in groups: each is replaced as a whole.
type Board struct {
	gauges []*Gauge

	mu     sync.Mutex
	groups map[string][]prometheus.Metric
	keys   map[string][]string // of the series of each group
	shown  map[string]bool     // series of all groups, by their keys
}

// NewBoard makes a board and registers it.
func NewBoard(r prometheus.Registerer, gauges ...*Gauge) *Board {
	b := &Board{
		gauges: gauges, groups: map[string][]prometheus.Metric{}, keys: map[string][]string{}, shown: map[string]bool{},
	}
	r.MustRegister(b)
	return b
}

// Show puts values in the place of those that a group had; none takes the group away. A
// series stands once: the first value of it stays, for twice would spoil the whole answer.
func (b *Board) Show(group string, values ...Value) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, key := range b.keys[group] {
		delete(b.shown, key)
	}
	delete(b.keys, group)
	delete(b.groups, group)
	for i := range values {
		v := &values[i]
		key := v.key()
		if b.shown[key] {
			continue
		}
		b.shown[key] = true
		b.keys[group] = append(b.keys[group], key)
		b.groups[group] = append(b.groups[group],
			prometheus.MustNewConstMetric(v.gauge.desc, prometheus.GaugeValue, v.value, v.labels...))
	}
}

// Describe implements prometheus.Collector.
func (b *Board) Describe(out chan<- *prometheus.Desc) {
	for _, g := range b.gauges {
		out <- g.desc
	}
}

// Collect implements prometheus.Collector.
func (b *Board) Collect(out chan<- prometheus.Metric) {
	b.mu.Lock()
	all := slices.Concat(slices.Collect(maps.Values(b.groups))...)
	b.mu.Unlock()
	for _, m := range all { // outside of the lock: the reader may be slow
		out <- m
	}
}
