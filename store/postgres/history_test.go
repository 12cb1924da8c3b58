package postgres

import (
	"testing"
	"time"

	"relais/gateway"
	"relais/lane"
	"relais/sms"
)

// A month that is kept no longer goes whole, and one in which a message waits
// stays whole.
func TestOldMonthsAreDroppedWhole(t *testing.T) {
	s := openForTest(t)
	quiet, busy := time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC), time.Date(2024, 4, 1, 0, 0, 0, 0, time.UTC)
	for _, month := range []time.Time{quiet, busy} {
		if err := s.addMonth(t.Context(), month); err != nil {
			t.Fatal(err)
		}
		m := sms.Message{
			ID: sms.FirstID(month.Add(time.Hour)), Submission: sms.FirstID(month.Add(time.Hour)), Account: "default", To: "+33639980001",
			Class: sms.Transactional, Encoding: sms.GSM7, Segments: 1, Connector: "ovh", Status: sms.Queued, Reason: "accepted",
			DueAt: month, ExpiresAt: month.Add(time.Hour), AcceptedAt: month, UpdatedAt: month,
		}
		if _, err := s.Accept(t.Context(), &gateway.Acceptance{Actor: "api:test", At: month, Drafts: []gateway.Draft{{Message: m}}}); err != nil {
			t.Fatal(err)
		}
		if month.Equal(busy) {
			continue
		}
		ended := lane.Expired(m, month.Add(2*time.Hour))
		if settled, err := s.Settle(t.Context(), []sms.Transition{ended}); err != nil || settled.Applied != 1 {
			t.Fatalf("%+v, %v", settled, err)
		}
	}
	for _, want := range []bool{true, false} {
		if dropped, err := s.DropHistory(t.Context(), time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)); err != nil || dropped != want {
			t.Fatalf("dropped %v, %v; want %v", dropped, err, want)
		}
	}
	for table, want := range map[string]bool{
		"messages_202403": false, "submissions_202403": false, "messages_202404": true, "submissions_202404": true,
	} {
		var there bool
		if err := s.pool.QueryRow(t.Context(), "SELECT to_regclass($1) IS NOT NULL", table).Scan(&there); err != nil || there != want {
			t.Errorf("table %s is there: %v, %v; want %v", table, there, err, want)
		}
	}
}
