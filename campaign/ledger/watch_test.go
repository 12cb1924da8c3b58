package ledger_test

import (
	"testing"
	"time"

	"relais/campaign/ledger"
	"relais/sms"
)

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

func settled(count int, status sms.Status, code string, at time.Time) (rows []ledger.Row) {
	for range count {
		rows = append(rows, ledger.Row{State: ledger.Ended, Status: status, Code: code, At: at})
	}
	return rows
}

func TestWhatGuardsCount(t *testing.T) {
	for _, tc := range []struct {
		status       sms.Status
		code         string
		rows, failed int
	}{
		{sms.Delivered, "", 1, 0},
		{sms.Undelivered, "unknown_subscriber", 1, 1},
		{sms.Undelivered, "absent", 1, 0},
		{sms.Rejected, "content", 1, 1},
		{sms.Expired, "no_receipt", 1, 0},
		{sms.Canceled, "canceled_by_caller", 0, 0},
	} {
		var w ledger.Watch
		w.Add(settled(1, tc.status, tc.code, noon))
		if rows, failed := w.Count(); rows != tc.rows || failed != tc.failed {
			t.Errorf("%s (%s): %d of %d failed, want %d of %d", tc.status, tc.code, failed, rows, tc.failed, tc.rows)
		}
	}
	var w ledger.Watch
	w.Add([]ledger.Row{{State: ledger.Waiting}, {State: ledger.RowCanceled}})
	if rows, _ := w.Count(); rows != 0 || !w.From().IsZero() {
		t.Errorf("%d rows that did not end, from %s", rows, w.From())
	}
}

// TestGuardsForgetTheOldest: those that settled last count, a thousand and less than another
// fifty.
func TestGuardsForgetTheOldest(t *testing.T) {
	var w ledger.Watch
	w.Add(settled(100, sms.Rejected, "content", noon))
	for i := range 9 {
		w.Add(settled(100, sms.Delivered, "", noon.Add(time.Duration(i+1)*time.Minute)))
	}
	if rows, failed := w.Count(); rows != 1000 || failed != 100 || !w.From().Equal(noon) {
		t.Errorf("%d of %d, from %s", failed, rows, w.From())
	}
	w.Add(settled(49, sms.Delivered, "", noon.Add(time.Hour)))
	if rows, failed := w.Count(); rows != 1049 || failed != 100 {
		t.Errorf("%d of %d", failed, rows)
	}
	w.Add(settled(51, sms.Delivered, "", noon.Add(time.Hour)))
	if rows, failed := w.Count(); rows != 1000 || failed != 0 || !w.From().Equal(noon.Add(time.Minute)) {
		t.Errorf("%d of %d, from %s", failed, rows, w.From())
	}
	w.Add(settled(5000, sms.Delivered, "", noon.Add(2*time.Hour)))
	if rows, _ := w.Count(); rows < 1000 || rows > 1049 || len(w.Spans) > 21 {
		t.Errorf("%d rows in %d spans", rows, len(w.Spans))
	}
}
