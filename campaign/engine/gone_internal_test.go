package engine

import (
	"testing"
	"time"

	"relais/campaign/ledger"
	"relais/sms"
)

// A row whose message the retention dropped before its end was seen does not stay open.
func TestRowsOfDroppedMessagesEnd(t *testing.T) {
	made := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	row := ledger.Row{Row: 2, State: ledger.Taken, Message: sms.FirstID(made)}
	for _, tc := range []struct {
		status sms.Status
		days   int
		state  ledger.State
		is     sms.Status
		code   string
	}{
		{"", 27, ledger.Taken, "", ""},
		{"", 29, ledger.Ended, sms.Expired, sms.NoReceipt},
		{sms.Submitted, 99, ledger.Taken, sms.Submitted, ""},
		{sms.Delivered, 99, ledger.Ended, sms.Delivered, ""},
	} {
		got, now := row, made.AddDate(0, 0, tc.days)
		got.Status = tc.status
		if over := end(&got, now); over != (tc.state == ledger.Ended) || got.State != tc.state || got.Status != tc.is ||
			got.Code != tc.code || got.Message != row.Message {
			t.Errorf("%q after %d days: %v, %+v", tc.status, tc.days, over, got)
		}
	}
}
