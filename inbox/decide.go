package inbox

import (
	"errors"
	"time"

	"relais/sms"
)

// ReplyDecision is a person's word on a reply that may be a STOP.
type ReplyDecision struct {
	Account   string
	Inbound   sms.ID
	Intent    Intent // IntentStop or IntentReply
	Actor     sms.Actor
	Note      string // the person's reason
	PerSender bool   // a STOP of the account is for the sender that was answered alone
	At        time.Time
}

// Errors of Store.DecideReply, beside ErrNotFound.
var (
	// ErrPlainReply is returned for a reply that nobody has to decide about.
	ErrPlainReply = errors.New("the reply needs no decision")
	// ErrDecided is returned when a STOP that was confirmed would become a mere reply.
	ErrDecided = errors.New("the reply was confirmed as a STOP")
)

// ReplyDecided is the data of the event inbound.decided.
type ReplyDecided struct {
	ID       sms.ID     `json:"id" doc:"the reply"`
	From     sms.Number `json:"from"`
	Decision Intent     `json:"decision" doc:"stop or reply"`
	Actor    sms.Actor  `json:"actor" doc:"who decided"`
	Note     string     `json:"note,omitempty" doc:"the reason given"`
	Message  *sms.ID    `json:"message,omitempty" doc:"the message that it answers"`
	At       time.Time  `json:"at"`
}

// Data is what callers are told of a decision about a reply.
func (d *ReplyDecision) Data(in *Inbound) ReplyDecided {
	told := ReplyDecided{
		ID: in.ID, From: in.From, Decision: d.Intent, Actor: d.Actor, Note: d.Note,
		At: d.At.UTC(),
	}
	if !in.Message.IsZero() {
		told.Message = &in.Message
	}
	return told
}

// Take puts the decision in the reply, and reports whether that changes anything: the same
// word again does not. A confirmed STOP stays.
func (d *ReplyDecision) Take(in *Inbound) (changes bool, err error) {
	switch {
	case in.Intent != IntentUnsure:
		return false, ErrPlainReply
	case in.Decided == d.Intent:
		return false, nil
	case in.Decided == IntentStop:
		return false, ErrDecided
	}
	in.Decided, in.DecidedBy, in.DecidedAt = d.Intent, d.Actor, d.At
	return true, nil
}

// Listed is what a store knows of a reply when somebody decides about it.
type Listed struct {
	// Put reports whether the reply put a number on the list, and returns that number (it
	// may be hidden in the reply by now) and the sender that it was stopped for.
	Put    bool
	Number sms.Number
	Sender sms.Sender
	// Answered is the sender of the message that the reply answers.
	Answered sms.Sender
	// Waiting reports whether another reply of the number waits for a decision.
	Waiting bool
}

// Change is what a decision does to the suppression list: it adds an opt-out, or ends a
// provisional one unless another reply of the number still waits; false: nothing.
func (d *ReplyDecision) Change(in *Inbound, l Listed) (OptOutChange, bool) {
	c := OptOutChange{
		ID: sms.BucketOf(d.Account).NewID(d.At), Account: d.Account, Number: l.Number, Sender: l.Sender,
		Added:       d.Intent == IntentStop,
		Provisional: d.Intent == IntentReply, Source: FromDecision, Actor: d.Actor, Message: in.Message,
		Inbound: in.ID,
		Note:    d.Note, At: d.At,
	}
	if !l.Put { // the number was on the list already
		c.Number = in.From
		if d.PerSender {
			c.Sender = l.Answered
		}
	}
	if c.Number == "" || c.Number[0] != '+' || !c.Added && l.Waiting {
		return OptOutChange{}, false
	}
	return c, true
}
