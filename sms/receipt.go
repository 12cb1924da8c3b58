package sms

import "time"

// Reason says in one word why a message did not arrive. Operators have hundreds
// of codes; these are the few that a person acts on.
type Reason string

// The reasons of a receipt that is not good news.
const (
	ReasonAbsent            Reason = "absent"             // handset off, out of reach or full; later may work
	ReasonUnknownSubscriber Reason = "unknown_subscriber" // nobody has the number, or it takes no texts
	// barred by the operator, the contract or a parental lock.
	ReasonBlocked  Reason = "blocked"
	ReasonOptedOut Reason = "opted_out" // the person said STOP
	ReasonNoCredit Reason = "no_credit" // ours or the subscriber's is used up
	ReasonContent  Reason = "content"   // text or sender refused
	ReasonNetwork  Reason = "network"   // trouble between operators, or of the handset
	ReasonExpired  Reason = "expired"   // validity over at the operator
	// the operator does not tell, or by a code that is not known.
	ReasonUnknown Reason = "unknown"
)

// Reasons lists every reason.
var Reasons = []Reason{
	ReasonAbsent, ReasonUnknownSubscriber, ReasonBlocked, ReasonOptedOut, ReasonNoCredit,
	ReasonContent, ReasonNetwork, ReasonExpired, ReasonUnknown,
}

// Receipt is the operator's word on one message (DLR).
type Receipt struct {
	ProviderID string    // as Submit returned it
	Ref        ID        // our id, where the operator echoes it; else zero
	Status     Status    // Submitted when it tells nothing final
	Reason     Reason    // why it did not arrive; empty for Submitted and Delivered
	Code       string    // the operator's, verbatim
	Text       string    // the operator's, verbatim
	At         time.Time // when it happened, by the operator's clock; zero when it does not tell

	// Of a long message of which each part has a receipt: how many parts there are, and which one this tells of, in
	// the operator's words. Below 2 it tells of the whole message.
	Parts int
	Part  string
}

// OfPart reports whether it says that a part of a message arrived, of which the others may not have.
func (r *Receipt) OfPart() bool { return r.Parts > 1 && r.Status == Delivered }

// Inbound is a text from a handset (MO).
type Inbound struct {
	// ProviderID is the operator's id of the reply, or what else is always the same for it. Where it is
	// empty the reply is known again by At and what it says; one without either is a new one each time
	// that it is told.
	ProviderID string
	From       string // the number as the operator wrote it
	To         Sender // the number or short code that it was sent to, where known
	Text       string
	AnswersID  string    // ProviderID of the message that it answers, where known
	Ref        ID        // our id of that message, where the operator echoes it; else zero
	At         time.Time // by the operator's clock; zero when it does not tell
}

// Block is an operator's word that a number wants, or gets, no more texts.
type Block struct {
	Number    string    // as the operator wrote it
	AnswersID string    // ProviderID of the message that was answered with STOP, where known
	At        time.Time // by the operator's clock; zero when it does not tell
}
