package sms

import (
	"fmt"
	"time"

	"relais/reason"
)

// Encoding is the alphabet of a text on the air.
type Encoding string

// The encodings of GSM 03.38.
const (
	GSM7  Encoding = "gsm7" // the 7-bit default alphabet with its extension table
	UCS2  Encoding = "ucs2" // 16-bit units; one character outside GSM7 costs this
	Octet Encoding = "8bit" // of binary messages: octets as they are
)

// Message is one text to one handset (MT): the unit that is stored, sent,
// billed and followed.
type Message struct {
	ID         ID
	Submission ID     // the request that it came with; its text and options are shared
	Account    string // tenant
	Actor      Actor  // who asked for it; empty: not read
	To         Number
	Country    string // of To, ISO 3166-1, as it was read when accepted; empty: not known
	Family     string // of To, as number.Parsed has it; empty: not known, as of an older program
	Sender     Sender
	Kind       Kind
	Text       string // of a binary message: see Octets
	Class      Class
	Encoding   Encoding
	Segments   int   // parts of 140 octets, STOP clause included; what is billed
	Price      Money // of all segments, by the tariff of Connector; 0: not known
	Reference  string
	Metadata   map[string]string
	Trace      string // W3C traceparent of the span that accepted it; empty: none

	Connector  string   // instance that will send it, or did
	Routes     []string // instances that may send it, most wanted first; empty: only Connector
	Status     Status
	Reason     string // code of the last event, empty at first
	Attempt    int    // calls made for it so far, the present one included
	Solo       bool   // must travel alone: a batch with it was refused as a whole
	ProviderID string // the operator's id, once submitted

	OperatorCode string // the operator's code of the last receipt, verbatim
	OperatorText string // its words, verbatim

	// Chance is how long a receipt may take before the text is sent once more, by
	// another instance, as a message of its own; 0: never, or done already.
	Chance time.Duration

	DueAt       time.Time // not before
	ExpiresAt   time.Time // not after
	AcceptedAt  time.Time
	SubmittedAt time.Time // the operator took it; zero before
	ReceiptBy   time.Time // when its receipt is missed; zero unless submitted
	Asks        int       // questions to the operator about the doubt that it is in
	UpdatedAt   time.Time
}

// Event is one line of a message's timeline. Detail is for people and holds no number
// and no text.
type Event struct {
	At      time.Time
	Status  Status // the status after the event
	Actor   Actor  // who did it
	Code    string // stable, snake_case
	Detail  reason.Reason
	Attempt int

	OperatorCode string // of a receipt, verbatim
	OperatorText string // of a receipt, verbatim
}

// Transition asks the store to move a message. It is applied only if the
// message still stands in From with the same Attempt.
type Transition struct {
	Account    string
	ID         ID
	From       Status
	FromReason string // when From is Expired: the reason that it must still have
	Attempt    int
	To         Status
	Refund     bool      // this attempt does not count
	Solo       bool      // send alone next time
	DueAt      time.Time // when To is Queued: not before
	Connector  string    // when To is Queued: the instance that takes over; empty: the same
	Price      Money     // when Connector is given: what the message costs there; 0: not known
	ProviderID string    // when the operator gave one
	ReceiptBy  time.Time // when To is Submitted: when its receipt is missed
	AskAt      time.Time // when To is Uncertain: when the operator is asked about it
	Event      Event
}

// Check returns an error for a move that the table of statuses lacks. An end moves
// only where our own clock gave it.
func (t *Transition) Check() error {
	if !t.From.CanBecome(t.To) {
		return fmt.Errorf("%s cannot become %s", t.From, t.To)
	}
	if t.From.Final() && !t.From.ByClock(t.FromReason) {
		return fmt.Errorf("%s (%s) cannot become %s: our clock did not give it", t.From, t.FromReason, t.To)
	}
	return nil
}
