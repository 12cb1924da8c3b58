package inbox

import (
	"time"

	"relais/reason"
	"relais/sms"
)

// Codes of what suppression lists hold back. A further word tells the sentences apart.
const (
	CodeOptedOut   reason.Code = "opted_out"
	sayProvisional reason.Code = "opted_out/provisional"
	sayOneSender   reason.Code = "opted_out/sender"
	// CodeNotListed is the decision that the person is on no list.
	CodeNotListed reason.Code = "opt_out"
)

// Reason says why the person gets no marketing.
func (o *OptOut) Reason() reason.Reason {
	args := reason.Args{"since": reason.Name(o.Since.UTC().Format(time.RFC3339))}
	if o.Provisional {
		return reason.Of(sayProvisional, args)
	}
	args["source"] = reason.Name(o.Source)
	if o.Sender != "" {
		return reason.Of(sayOneSender, args)
	}
	return reason.Of(CodeOptedOut, args)
}

// Hold is the transition of a marketing message whose recipient said STOP while it waited.
func (o *OptOut) Hold(m *sms.Message, now time.Time) *sms.Transition {
	return &sms.Transition{
		Account: m.Account, ID: m.ID, From: sms.Queued, Attempt: m.Attempt, To: sms.Rejected,
		Event: sms.Event{
			At: now, Status: sms.Rejected, Actor: sms.ActorGateway, Code: CodeOptedOut.Wire(),
			Detail: o.Reason(), Attempt: m.Attempt,
		},
	}
}

// What news of operators do to the suppression lists. These rules read nothing: a store
// gives them what it read, and writes the change that they return.

// HoldsBack reports whether suppression lists hold back messages of a class. They are about
// advertising alone.
func HoldsBack(c sms.Class) bool { return c == sms.Marketing }

// ByReply is the change of the suppression list that a reply asks for; false when it asks
// for none. sender is that of the message that was answered.
func (r *Reception) ByReply(in *Inbound, sender sms.Sender) (OptOutChange, bool) {
	if in.Intent == IntentReply {
		return OptOutChange{}, false
	}
	c := OptOutChange{
		ID: sms.BucketOf(in.Account).NewID(r.At), Account: in.Account, Number: in.From,
		Added: in.Intent != IntentStart, Provisional: in.Intent == IntentUnsure,
		Source: FromReply, Actor: sms.OperatorActor(in.Connector), Message: in.Message,
		Inbound: in.ID, Note: in.Word,
		At: r.At,
	}
	if r.PerSender(in.Account) {
		c.Sender = sender
	}
	return c, true
}

// ByBlock is the change that an operator's block makes, once for each time that the operator
// blocked the number. m is the message that is answered, or the account alone. last is when
// the number was last put on the list because the operator has it; zero: never.
func (r *Reception) ByBlock(b *Block, m *sms.Message, last time.Time) (OptOutChange, bool) {
	if !last.IsZero() && !last.Before(b.At.Truncate(time.Microsecond)) { // as precise as last
		return OptOutChange{}, false
	}
	return OptOutChange{
		ID: sms.BucketOf(m.Account).NewID(r.At), Account: m.Account, Number: b.Number, Added: true,
		Source: FromOperator, Actor: sms.OperatorActor(r.Connector), Message: m.ID, At: r.At,
	}, true
}

// ByReceipt is the change for a receipt that says that the person opted out. v is what
// became of the receipt. A number that was hidden or erased cannot be on a list.
func ByReceipt(
	m *sms.Message, r *sms.Receipt, v Verdict, connector string, now time.Time,
) (OptOutChange, bool) {
	if r.Reason != sms.ReasonOptedOut || !v.Moves() && !v.Notes() || !m.To.Known() {
		return OptOutChange{}, false
	}
	return OptOutChange{
		ID: sms.BucketOf(m.Account).NewID(now), Account: m.Account, Number: m.To, Added: true, Source: FromReceipt,
		Actor: sms.OperatorActor(connector), Message: m.ID, Note: r.Code, At: now,
	}, true
}

// Decides is the decision that a change of the list makes about replies of its number that
// wait for a person: that person has written a plain STOP or START since, or somebody
// changed the entry by hand. It is false where they go on waiting.
func (c *OptOutChange) Decides() (Intent, bool) {
	switch {
	case c.Sender != "": // the reply may be about every sender
		return "", false
	case !c.Added:
		return IntentReply, true
	default:
		return IntentStop, !c.Provisional
	}
}
