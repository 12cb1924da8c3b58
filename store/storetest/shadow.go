package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/door/shadow"
	"relais/sms"
)

// shadows: what was compared is counted and listed until it is old.
func shadows(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	var rows []shadow.Row
	for i, verdict := range []shadow.Verdict{
		shadow.Same, shadow.Differs, shadow.Same, shadow.OldFailed,
		shadow.Differs,
	} {
		r := shadow.Row{
			ID: sms.NewID(start), Account: "default", Door: "passerelle", Instance: "town",
			At: start.Add(time.Duration(i) * time.Hour), Verdict: verdict,
			Found: shadow.Found{
				OldStatus: 200, OurStatus: 200,
				Plan: &shadow.Plan{Messages: 1, Segments: 2, Connectors: map[string]int{"ovh": 1}},
			},
		}
		if verdict == shadow.Differs {
			r.Found.Differences = []shadow.Difference{{
				What: "recipient", To: "+33*********", Old: "accepted",
				Ours: "refused: number_fiction",
			}}
		}
		if err := s.KeepShadow(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, r)
	}
	count := func(v shadow.Verdict, n int) shadow.Count {
		return shadow.Count{Account: "default", Door: "passerelle", Instance: "town", Verdict: v, Requests: n}
	}
	counted, err := s.CountShadows(t.Context(), rows[1].At)
	want := []shadow.Count{count(shadow.Differs, 2), count(shadow.OldFailed, 1), count(shadow.Same, 1)}
	if diff := cmp.Diff(want, counted); diff != "" || err != nil {
		t.Errorf("counts, %v (-want +got):\n%s", err, diff)
	}
	newest := func(since time.Time, limit int, want ...shadow.Row) {
		t.Helper()
		got, err := s.Shadows(t.Context(), since, limit)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("newest, %v (-want +got):\n%s", err, diff)
		}
	}
	newest(start, 2, rows[4], rows[3])
	newest(rows[2].At, 10, rows[4], rows[3])
	if n, err := s.PruneShadows(t.Context(), rows[2].At, 1); n != 1 || err != nil {
		t.Errorf("%d dropped, %v; want one of two", n, err)
	}
	if n, err := s.PruneShadows(t.Context(), rows[2].At, 10); n != 1 || err != nil {
		t.Errorf("%d dropped, %v; want the other", n, err)
	}
	newest(start, 10, rows[4], rows[3])
}
