package ovh

import (
	"testing"
	"time"

	"relais/sms"
)

// TestErrorIsOfWhatNoOperatorHad: 16 means that nothing is billed, and 2 that the
// operator had the message in vain, also where only its receipt says so.
func TestErrorIsOfWhatNoOperatorHad(t *testing.T) {
	for _, tc := range []struct {
		name string
		m    sms.Message
		want int64
	}{
		{"refused by the operator", sms.Message{Status: sms.Rejected, Reason: "content"}, receiptError},
		{"validity over before it left", sms.Message{Status: sms.Expired, Reason: "validity_over"}, receiptError},
		{"no receipt", sms.Message{Status: sms.Expired, Reason: "no_receipt", SubmittedAt: time.Unix(1, 0)}, receiptFailed},
		{"undelivered", sms.Message{Status: sms.Undelivered, SubmittedAt: time.Unix(1, 0)}, receiptFailed},
		{"undelivered, after a call in doubt", sms.Message{Status: sms.Undelivered, Reason: "absent"}, receiptFailed},
		{"rejected by a receipt, after a call in doubt", sms.Message{Status: sms.Rejected, Reason: "blocked", ProviderID: "7"}, receiptFailed},
		{"expired by a receipt, after a call in doubt", sms.Message{Status: sms.Expired, Reason: "expired", ProviderID: "7"}, receiptFailed},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got, _ := stateOf(&tc.m); got != tc.want {
				t.Errorf("deliveryReceipt %d, want %d", got, tc.want)
			}
		})
	}
}
