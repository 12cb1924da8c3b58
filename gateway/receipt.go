package gateway

import (
	"time"

	"relais/sms"
)

// Verdict is what became of a receipt.
type Verdict string

// The verdicts.
const (
	Applied  Verdict = "applied"  // it moved its message
	Noted    Verdict = "noted"    // it tells nothing final and stands in the timeline
	Repeated Verdict = "repeated" // it changed nothing: told before, or the message has ended
	Kept     Verdict = "kept"     // no message is known by it, or not yet: it waits
	Dropped  Verdict = "dropped"  // the same of a poll, which will tell it again
)

// Verdicts lists every verdict.
var Verdicts = []Verdict{Applied, Noted, Repeated, Kept, Dropped}

// Codes of events that receipts make.
const (
	codeDelivered = "delivered"
	codePending   = "receipt_pending"
	codeTaken     = "receipt_proves_taken"
)

// Judge decides what a receipt does to a message. It is pure. A message only
// goes forward: what has ended stays as it is, whatever comes later. With Noted
// the transition is an event without a move; the store leaves it out when the
// timeline has it.
func Judge(m *sms.Message, r *sms.Receipt, connector string, now time.Time) (sms.Transition, Verdict) {
	t := sms.Transition{
		Account: m.Account, ID: m.ID, From: m.Status, Attempt: m.Attempt, To: r.Status,
		Event: sms.Event{
			At: now, Status: r.Status, Actor: "operator:" + connector, Attempt: m.Attempt,
			OperatorCode: r.Code, OperatorText: r.Text, Detail: byTheirClock(r.At),
		},
	}
	if m.ProviderID == "" {
		t.ProviderID = r.ProviderID
	}
	switch {
	case r.Status == sms.Submitted && m.Status == sms.Submitted:
		t.Event.Code = codePending
		return t, Noted
	case !m.Status.CanBecome(r.Status):
		return t, Repeated
	case r.Status == sms.Submitted:
		t.Event.Code = codeTaken
	case r.Status == sms.Delivered:
		t.Event.Code = codeDelivered
	case r.Reason == "":
		t.Event.Code = string(sms.ReasonUnknown)
	default:
		t.Event.Code = string(r.Reason)
	}
	return t, Applied
}

func byTheirClock(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return "By the operator's clock at " + at.UTC().Format(time.RFC3339) + "."
}
