package gateway

import (
	"context"
	"time"

	"relais/campaign/ledger"
	"relais/number"
	"relais/policy"
	"relais/quota"
	"relais/reason"
	"relais/sender"
	"relais/sms"
	"relais/template"
	"relais/typography"
)

// Submission is what a caller asks for: one text to one or many recipients.
// Zero fields take the account's defaults.
type Submission struct {
	Account string
	Actor   sms.Actor // who asks; shown in the timeline
	Within  Within    // what whoever asks may use
	To      []string  // as the caller wrote them
	Kind    sms.Kind
	Text    string
	Data    string // of a binary message, in hexadecimal; it makes Text
	UDH     string // its user data header, in hexadecimal, its length first; empty: none
	// Template makes the text, and gives a sender and a class where none is named; nil: the
	// text is Text.
	Template  *template.Use
	Sender    sms.Sender
	Class     sms.Class
	Connector string
	Reference string // the caller's own
	Metadata  map[string]string
	SendAt    time.Time
	ValidFor  time.Duration // from SendAt, or from now
	Key       *IdempotencyKey
	Endpoint  sms.ID // of the webhook that the request named; zero: none
	// Report makes the Endpoint of what Submit takes: a request that is refused leaves none behind. What it fails with
	// is the Err of the error. nil: Endpoint is what there is.
	Report  func(ctx context.Context) (sms.ID, error)
	Region  string // in which national numbers are read; empty: the account's
	Special bool   // special-rate and premium-rate numbers are taken too
	// Taking are the rows of a campaign that the recipients are of; nil: none.
	Taking *ledger.Taking
	// Notes are what the door changed or could not do as asked; they begin the timeline.
	Notes []reason.Reason

	warnings []Warning // of the making of the text
}

// Within bounds what a submission may use beside what its account may: the connectors and
// senders of an API key. Zero: it bounds nothing.
type Within struct {
	Connectors []string
	Senders    []sms.Sender
}

// Result is what became of a submission.
type Result struct {
	Messages []Draft // accepted, in the order asked
	Rejected []Refusal
	Warnings []Warning
	Common   []reason.Reason // decisions that hold for every message
	Text     *TextAdvice     // of a preview
	Replay   []byte          // the first answer, when the same idempotency key came before

	bill quota.Bill // what quotas count of it
}

// Refusal is a recipient that gets no message, and why.
type Refusal struct {
	Index int    // position in To
	To    string // as the caller wrote it
	reason.Reason
}

// Warning is something that the caller should know and that stopped nothing.
type Warning struct {
	reason.Reason
	To string // the recipient that it is about; empty: all
}

// Approval says which campaigns of an account start only once somebody else agreed.
type Approval struct {
	Rows  int       // those of as many messages, or of more; 0: none
	Above sms.Money // those that cost more; 0: none
}

// Account is a tenant's policy.
type Account struct {
	Name      string
	Region    string // ISO 3166 country in which national numbers are read
	Sender    sms.Sender
	Class     sms.Class
	Connector string // used when a message names none and no rule holds
	// OptOutPerSender: a STOP is for the sender that was answered alone.
	OptOutPerSender bool
	// StopWords are further words that are a STOP alone.
	StopWords []string
	// StopConfirmation is the text that confirms a STOP; empty: none.
	StopConfirmation string
	// Policy are the rules of the account's advertising; nil: none.
	Policy  *policy.Pack
	Numbers number.Policy // which numbers get messages
	Senders sender.Rules
	// Typography is what becomes of costly characters; empty: they stay.
	Typography typography.Policy
	Approval   Approval
	// Weight is how many turns in a row it has at an operator that others wait for
	// too; 0: 1.
	Weight int
}

// Limits bound what is accepted.
type Limits struct {
	Segments   int // of one message
	Recipients int // of one submission
	Backlog    int // messages waiting, after which submissions are put off
}
