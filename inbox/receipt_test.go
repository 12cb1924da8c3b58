package inbox

import (
	"testing"
	"time"

	"relais/sms"
)

// What a receipt does depends on where its message stands, and on who ended it.
func TestJudge(t *testing.T) {
	for _, tc := range []struct {
		name   string
		status sms.Status
		reason string
		told   sms.Status
		want   Verdict
	}{
		{"good news", sms.Submitted, "operator_accepted", sms.Delivered, Applied},
		{"bad news", sms.Submitted, "operator_accepted", sms.Undelivered, Applied},
		{"before the answer of the operator", sms.Submitting, "attempt", sms.Delivered, Applied},
		{"of an attempt that looked refused", sms.Queued, "retry", sms.Delivered, Applied},
		{"nothing final", sms.Submitted, "operator_accepted", sms.Submitted, Noted},
		{"nothing final, after our own clock", sms.Expired, sms.NoReceipt, sms.Submitted, Noted},
		{"an end after our own clock", sms.Expired, sms.NoReceipt, sms.Delivered, Late},
		{"the same end after our own clock", sms.Expired, sms.NoReceipt, sms.Expired, Late},
		{"the same end again", sms.Delivered, "delivered", sms.Delivered, Repeated},
		{"the operator's own expiry again", sms.Expired, "expired", sms.Expired, Repeated},
		{"another end", sms.Delivered, "delivered", sms.Undelivered, Contradicts},
		{"another end than a person's", sms.Canceled, "canceled_by_caller", sms.Delivered, Contradicts},
		{"nothing final after an end", sms.Delivered, "delivered", sms.Submitted, Repeated},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := &sms.Message{Status: tc.status, Reason: tc.reason}
			move, got := Judge(m, "", &sms.Receipt{Status: tc.told}, "ovh", time.Now())
			if got != tc.want {
				t.Fatalf("verdict %s, want %s", got, tc.want)
			}
			if got.Moves() && (move.From != tc.status || move.To != tc.told) {
				t.Errorf("moves from %s to %s", move.From, move.To)
			}
		})
	}
}

// A part that arrived is no end of its message while another is missing.
func TestJudgeParts(t *testing.T) {
	first, second := &sms.Receipt{Parts: 2, Part: "1", Status: sms.Delivered}, &sms.Receipt{Parts: 2, Part: "2", Status: sms.Delivered}
	one := Arrived("").With(first)
	if one.With(first) != one {
		t.Error("a part counts twice")
	}
	for _, tc := range []struct {
		name    string
		status  sms.Status
		arrived Arrived
		told    *sms.Receipt
		to      sms.Status
		want    Verdict
	}{
		{"the first", sms.Submitted, "", first, sms.Submitted, Part},
		{"the first again", sms.Submitted, one, first, sms.Submitted, Repeated},
		{"the second", sms.Submitted, one, second, sms.Delivered, Applied},
		{"in doubt", sms.Uncertain, "", first, sms.Submitted, Applied},
		{"in doubt, and whole", sms.Uncertain, one, second, sms.Delivered, Applied},
		{"behind the end", sms.Undelivered, "", first, sms.Submitted, Repeated},
		{"behind the end, and whole", sms.Undelivered, one, second, sms.Delivered, Contradicts},
		{"one that failed", sms.Submitted, one, &sms.Receipt{Parts: 2, Part: "2", Status: sms.Undelivered}, sms.Undelivered, Applied},
		{"one that is on its way", sms.Submitted, one, &sms.Receipt{Parts: 2, Part: "2", Status: sms.Submitted}, sms.Submitted, Noted},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := &sms.Message{Status: tc.status}
			move, got := Judge(m, tc.arrived, tc.told, "vonage", time.Now())
			if got != tc.want || move.To != tc.to {
				t.Errorf("verdict %s to %s, want %s to %s", got, move.To, tc.want, tc.to)
			}
		})
	}
}
