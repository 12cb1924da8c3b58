package snapshot_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"relais/internal/snapshot"
)

// gathered are the series that a reader sees, by name and labels.
func gathered(t *testing.T, r *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			key := f.GetName()
			for _, l := range m.GetLabel() {
				key += " " + l.GetValue()
			}
			found[key] = m.GetGauge().GetValue()
		}
	}
	return found
}

func TestGroupsAreReplaced(t *testing.T) {
	r := prometheus.NewRegistry()
	waiting, late := snapshot.NewGauge("waiting", "…", "connector"), snapshot.NewGauge("late", "…")
	b := snapshot.NewBoard(r, waiting, late)
	expect := func(want map[string]float64) {
		t.Helper()
		if diff := cmp.Diff(want, gathered(t, r)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	expect(map[string]float64{})
	b.Show("a", waiting.At(1, "ovh"), waiting.At(2, "sfr"), late.At(3))
	b.Show("b", waiting.On(true, "old"))
	expect(map[string]float64{"relais_waiting ovh": 1, "relais_waiting sfr": 2, "relais_late": 3, "relais_waiting old": 1})
	b.Show("a", waiting.At(4, "ovh"), waiting.At(5, "ovh"), waiting.At(6, "old"))
	expect(map[string]float64{"relais_waiting ovh": 4, "relais_waiting old": 1})
	b.Show("b")
	expect(map[string]float64{"relais_waiting ovh": 4})
	b.Show("a", waiting.On(false, "old"))
	expect(map[string]float64{"relais_waiting old": 0})
}

// TestReadersSeeOneMoment: whoever reads while the values change sees all of one moment.
func TestReadersSeeOneMoment(t *testing.T) {
	r := prometheus.NewRegistry()
	one, other := snapshot.NewGauge("one", "…", "connector"), snapshot.NewGauge("other", "…", "connector")
	b := snapshot.NewBoard(r, one, other)
	show := func(moment float64) {
		var values []snapshot.Value
		for i := range 20 {
			values = append(values, one.At(moment, fmt.Sprint(i)), other.At(moment, fmt.Sprint(i)))
		}
		b.Show("", values...)
	}
	show(0)
	stop, group := make(chan struct{}), sync.WaitGroup{}
	group.Go(func() {
		for moment := 1.0; ; moment++ {
			select {
			case <-stop:
				return
			default:
				show(moment)
			}
		}
	})
	defer group.Wait()
	defer close(stop)
	for range 300 {
		found := gathered(t, r)
		if len(found) != 40 {
			t.Fatalf("%d series, want 40", len(found))
		}
		for key, moment := range found {
			if moment != found["relais_one 0"] {
				t.Fatalf("%s is of moment %v, another of %v", key, moment, found["relais_one 0"])
			}
		}
	}
}
