package credit

import (
	"testing"
	"time"
)

func TestBurn(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	r := Record{Samples: []Sample{
		{at, 100}, {at.Add(time.Hour), 90}, {at.Add(2 * time.Hour), 190}, {at.Add(4 * time.Hour), 160},
	}}
	r.Amount, r.At = 160, at.Add(4*time.Hour)
	perDay, empty := r.Forecast()
	if perDay != 240 || !empty.Equal(r.At.Add(16*time.Hour)) {
		t.Errorf("%v a day, empty at %v; want 240 a day, 16 h later", perDay, empty)
	}
	if perDay, empty := (&Record{}).Forecast(); perDay != 0 || !empty.IsZero() {
		t.Errorf("a forecast from nothing: %v, %v", perDay, empty)
	}
}
