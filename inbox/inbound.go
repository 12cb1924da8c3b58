package inbox

import (
	"time"

	"relais/sms"
	"relais/wish"
)

// Inbound is a text from a handset (MO), with what became of it.
type Inbound struct {
	ID         sms.ID
	Account    string
	Connector  string
	ProviderID string     // the operator's id, or what else is always the same for it
	From       sms.Number // E.164, or as the operator wrote it where that cannot be read
	Country    string     // of From, ISO 3166-1, while the reply is received; empty: not known
	To         sms.Sender
	Text       string
	Intent     Intent
	Word       string // that said the intent
	AnswersID  string // ProviderID of the message that it answers, where known
	Ref        sms.ID // our id of that message, where the operator echoed it
	Message    sms.ID // the message that it answers; zero when none was found
	LinkedBy   string // operator_id, reference, number; empty: not linked
	At         time.Time
	ReceivedAt time.Time
	Outbox     int64 // seq of its event
	// Decided is a person's word on an IntentUnsure; empty: nobody has decided.
	Decided   Intent
	DecidedBy sms.Actor
	DecidedAt time.Time
	// DoneBy is who has seen to it without an answer; empty: nobody.
	DoneBy sms.Actor
	DoneAt time.Time
	// AssignedTo is who sees to the conversation; empty: nobody in particular.
	AssignedTo sms.Actor
}

// Answer is what the operator tells of the message that the reply answers.
func (in *Inbound) Answer() Answer {
	return Answer{ProviderID: in.AnswersID, Ref: in.Ref, From: in.From}
}

// InboundData is the data of the event inbound.received.
type InboundData struct {
	ID        sms.ID     `json:"id"`
	From      sms.Number `json:"from"`
	To        sms.Sender `json:"to,omitempty"`
	Text      string     `json:"text"`
	Intent    Intent     `json:"intent" doc:"unsure: a person has to decide whether it is a STOP"`
	Message   *sms.ID    `json:"message,omitempty" doc:"the message that it answers"`
	LinkedBy  string     `json:"linked_by,omitempty"`
	Reference string     `json:"reference,omitempty" doc:"of that message"`
	Connector string     `json:"connector"`
	At        time.Time  `json:"at"`
}

// Data is what callers are told of a reply.
func (in *Inbound) Data(reference string) InboundData {
	d := InboundData{
		ID: in.ID, From: in.From, To: in.To, Text: in.Text, Intent: in.Intent, LinkedBy: in.LinkedBy,
		Reference: reference, Connector: in.Connector, At: in.At.UTC(),
	}
	if !in.Message.IsZero() {
		d.Message = &in.Message
	}
	return d
}

// InboundQuery chooses replies to one account, newest first. Zero fields choose
// all.
type InboundQuery struct {
	Account    string
	ID         sms.ID // that one alone
	From       sms.Number
	HiddenFrom sms.Number // what stands for From where it was hidden
	Message    sms.ID     // that they answer
	Intent     Intent
	Undecided  bool      // only those that wait for a person's decision
	AssignedTo sms.Actor // who sees to the conversation
	Connector  string
	Since      time.Time // received at or after
	Until      time.Time // received before
	Before     sms.ID    // only older ones: the cursor
	Limit      int
}

// Intent says what a reply asks for.
type Intent = wish.Intent

// The intents of a reply.
const (
	IntentReply  = wish.Reply
	IntentStop   = wish.Stop   // no more marketing
	IntentStart  = wish.Start  // marketing again
	IntentUnsure = wish.Unsure // perhaps a stop: no marketing until a person decided
)
