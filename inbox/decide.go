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
	Actor     string // "api:<key name>"
	Note      string // the person's reason
	PerSender bool   // a STOP of the account is for the sender that was answered alone
	At        time.Time
}

// Errors of Store.DecideReply, beside ErrNotFound.
var (
	// ErrPlainReply is returned for a reply that nobody has to decide about.
	ErrPlainReply = errors.New("the reply needs no decision")
	// ErrDecided is returned when a STOP that was confirmed is to be a mere reply.
	ErrDecided = errors.New("the reply was confirmed as a STOP")
)

// ReplyDecided is the data of the event inbound.decided.
type ReplyDecided struct {
	ID       sms.ID     `json:"id" doc:"the reply"`
	From     sms.Number `json:"from"`
	Decision Intent     `json:"decision" doc:"stop or reply"`
	Actor    string     `json:"actor" doc:"who decided"`
	Note     string     `json:"note,omitempty" doc:"the reason given"`
	Message  *sms.ID    `json:"message,omitempty" doc:"the message that it answers"`
	At       time.Time  `json:"at"`
}

// Data is what callers are told of a decision about a reply.
func (d *ReplyDecision) Data(in *Inbound) ReplyDecided {
	told := ReplyDecided{ID: in.ID, From: in.From, Decision: d.Intent, Actor: d.Actor, Note: d.Note, At: d.At.UTC()}
	if !in.Message.IsZero() {
		told.Message = &in.Message
	}
	return told
}

// Change is what a decision makes of the suppression list: an opt-out that stands, or the
// end of a provisional one.
func (d *ReplyDecision) Change(in *Inbound, n sms.Number, sender sms.Sender) OptOutChange {
	return OptOutChange{
		ID: sms.NewID(d.At), Account: d.Account, Number: n, Sender: sender, Added: d.Intent == IntentStop,
		Provisional: d.Intent == IntentReply, Source: FromDecision, Actor: d.Actor, Message: in.Message, Inbound: in.ID, Note: d.Note, At: d.At,
	}
}

// Obeyed is the change of the suppression list that a reply asks for; false when it asks
// for none. sender is that of the message which was answered.
func (r *Reception) Obeyed(in *Inbound, sender sms.Sender) (OptOutChange, bool) {
	if in.Intent == IntentReply {
		return OptOutChange{}, false
	}
	c := OptOutChange{
		ID: sms.NewID(r.At), Account: in.Account, Number: in.From, Added: in.Intent != IntentStart, Provisional: in.Intent == IntentUnsure,
		Source: FromReply, Actor: "operator:" + in.Connector, Message: in.Message, Inbound: in.ID, Note: in.Word, At: r.At,
	}
	if r.PerSender(in.Account) {
		c.Sender = sender
	}
	return c, true
}
