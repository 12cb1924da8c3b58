package inbox

import (
	"time"

	"relais/reason"
	"relais/sms"
)

// Verdict is what became of a receipt.
type Verdict string

// The verdicts.
const (
	Applied Verdict = "applied" // it moved its message
	Late    Verdict = "late"    // it moved a message that our own clock had ended
	Noted   Verdict = "noted"   // it tells nothing final and stands in the timeline
	// it tells that a part of a long message arrived, of which others are missing, and stands in the timeline.
	Part Verdict = "part"
	// it tells another end than the message has, and stands in the timeline.
	Contradicts Verdict = "contradicts"
	Repeated    Verdict = "repeated" // it changed nothing: told before
	Kept        Verdict = "kept"     // no message is known by it, or not yet: it waits
	Dropped     Verdict = "dropped"  // the same of a poll, which will tell it again
)

// Verdicts lists every verdict.
var Verdicts = []Verdict{Applied, Late, Noted, Part, Contradicts, Repeated, Kept, Dropped}

// Moves reports whether the message of the receipt moved.
func (v Verdict) Moves() bool { return v == Applied || v == Late }

// Notes reports whether the receipt is an event without a move.
func (v Verdict) Notes() bool { return v == Noted || v == Part || v == Contradicts }

// HasWords reports whether the operator's code and text become those of the message. Those
// of a receipt that contradicts the end of its message do not.
func (v Verdict) HasWords() bool { return v != Contradicts }

// Codes of events that receipts make.
const (
	codeDelivered = "delivered"
	codePending   = "receipt_pending"
	codePart      = "receipt_part"
	codeTaken     = "receipt_proves_taken"
	codeContrary  = "receipt_contradicts"
)

// What events say of receipts.
const (
	sayContradicts reason.Code = "words/receipt_contradicts"
	sayLate        reason.Code = "words/receipt_late"
	sayParts       reason.Code = "words/receipt_parts"
	sayTheirClock  reason.Code = "words/receipt_their_clock"
)

// Judge decides what a receipt does to a message. It is pure. A message only goes
// forward. An end that our own clock gave yields to the operator's word; any other
// stays, whatever comes later. With a verdict that Notes, the transition is an event
// without a move; the store leaves it out when the timeline has it.
//
// A part of a long message that arrived tells nothing final as long as others are missing, of which arrived has
// those that came before. With the verdict Part the store keeps arrived.With(r); when arrived is another by then,
// it judges again.
func Judge(
	m *sms.Message, arrived Arrived, r *sms.Receipt, connector string, now time.Time,
) (sms.Transition, Verdict) {
	told, joined := r.Status, arrived.With(r)
	part := r.OfPart() && joined.count() < r.Parts
	if part {
		told = sms.Submitted
	}
	t := sms.Transition{
		Account: m.Account, ID: m.ID, From: m.Status, Attempt: m.Attempt, To: told,
		Event: sms.Event{
			At: now, Status: told, Actor: sms.OperatorActor(connector), Code: codeOf(told, r.Reason), Attempt: m.Attempt,
			OperatorCode: r.Code, OperatorText: r.Text, Detail: byTheirClock(r.At),
		},
	}
	if m.ProviderID == "" {
		t.ProviderID = r.ProviderID
	}
	byClock, when := m.Status.ByClock(m.Reason), t.Event.Detail
	switch {
	case part && (m.Status == sms.Submitted || byClock):
		if joined == arrived {
			return t, Repeated
		}
		t.Event.Status, t.Event.Code = m.Status, codePart
		t.Event.Detail = reason.Of(sayParts, reason.Args{
			"count": reason.Count(joined.count()), "of": reason.Count(r.Parts),
		}).With(when)
		return t, Part
	case told == sms.Submitted && (m.Status == sms.Submitted || byClock):
		t.Event.Status, t.Event.Code = m.Status, codePending
		return t, Noted
	case byClock && m.Status.CanBecome(told):
		t.FromReason = m.Reason
		t.Event.Detail = reason.Of(sayLate, reason.Args{"code": reason.Name(m.Reason)}).With(when)
		return t, Late
	case m.Status.Final() && told.Final() && m.Status != told:
		t.Event.Status, t.Event.Code = m.Status, codeContrary
		t.Event.Detail = reason.Of(sayContradicts, reason.Args{"status": reason.Name(told)}).With(when)
		return t, Contradicts
	case m.Status.Final() || !m.Status.CanBecome(told):
		return t, Repeated
	}
	return t, Applied
}

// Again reports whether a receipt that moved its message by t is to be judged once more: it proved that the operator
// took a message in doubt, of which a part arrived.
func Again(t *sms.Transition, r *sms.Receipt) bool { return r.OfPart() && t.To == sms.Submitted }

func codeOf(told sms.Status, why sms.Reason) string {
	switch {
	case told == sms.Submitted:
		return codeTaken
	case told == sms.Delivered:
		return codeDelivered
	case why == "":
		return string(sms.ReasonUnknown)
	default:
		return string(why)
	}
}

func byTheirClock(at time.Time) reason.Reason {
	if at.IsZero() {
		return reason.Reason{}
	}
	return reason.Of(sayTheirClock, reason.Args{"time": reason.Name(at.UTC().Format(time.RFC3339))})
}

// UnmatchedReceipt is a receipt that matches no message.
type UnmatchedReceipt struct {
	sms.Receipt
	Connector  string
	ReceivedAt time.Time
}
