package inbox

import (
	"context"
	"time"

	"relais/sms"
)

// Source says what put a number on a suppression list, or took it off.
type Source string

// The sources of a change.
const (
	FromReply    Source = "reply"    // the person wrote STOP, or START
	FromOperator Source = "operator" // the operator's own list has the number
	FromReceipt  Source = "receipt"  // a receipt says that the person opted out
	FromAPI      Source = "api"
	FromImport   Source = "import"
	FromDecision Source = "decision" // a person decided about a reply
	FromConsole  Source = "console"  // a person asked, at the desk or otherwise, and an agent wrote it down
)

// OptOut is a number that gets no marketing from an account.
type OptOut struct {
	Account string
	Number  sms.Number
	Sender  sms.Sender // the only one that is stopped; empty: all
	Source  Source
	Since   time.Time
	Proof   sms.ID // the change that put it on the list
	// Provisional: a reply may be a STOP, and nobody has decided yet.
	Provisional bool
}

// OptOutChange is the proof of one change of a list. Only an erasure of the
// person deletes it.
type OptOutChange struct {
	ID      sms.ID
	Account string
	Number  sms.Number
	Sender  sms.Sender
	Added   bool // false: taken off
	// A provisional entry stays on the list until a person decides. Taking it off leaves an
	// entry that is not provisional alone.
	Provisional bool
	Source      Source
	Actor       sms.Actor
	Message     sms.ID // the message that was answered; zero when none is known
	Inbound     sms.ID // the reply; zero when there is none
	Note        string // the word that was read, the operator's code, the person's reason
	At          time.Time
}

// Import is a file of changes that is good once.
type Import struct {
	Account string
	Name    string    // of this file, and no other
	Until   time.Time // nobody brings it later
	Now     time.Time
	Changes []OptOutChange
}

// OptOutQuery chooses entries of a list, by number.
type OptOutQuery struct {
	Account string
	After   sms.Number // only numbers behind this one: the cursor
	Limit   int
}

// OptOutStore keeps suppression lists.
type OptOutStore interface {
	// OptedOut returns those of numbers that get no marketing from a sender.
	OptedOut(
		ctx context.Context, account string, sender sms.Sender, numbers []sms.Number,
	) (map[sms.Number]OptOut, error)
	// ChangeOptOuts makes changes and keeps their proofs. One that changes nothing
	// leaves no proof; made counts the others.
	ChangeOptOuts(ctx context.Context, changes []OptOutChange) (made int, err error)
	// ImportOptOuts is ChangeOptOuts for a file that counts once: of one that was taken before,
	// by its name, it changes nothing. The changes have one account.
	ImportOptOuts(ctx context.Context, f Import) (made int, err error)
	// OptOuts lists a list by number; more tells that it goes on.
	OptOuts(ctx context.Context, q OptOutQuery) (found []OptOut, more bool, err error)
	// OptOutProofs returns the entries of one number, and every change of it,
	// oldest first.
	OptOutProofs(ctx context.Context, account string, n sms.Number) ([]OptOut, []OptOutChange, error)
}

// OptOutData is the data of the event opt_out.added.
type OptOutData struct {
	Number sms.Number `json:"number"`
	Sender sms.Sender `json:"sender,omitempty" doc:"the only one that is stopped; absent: all"`
	Source Source     `json:"source"`
	// Provisional: until a person decided.
	Provisional bool      `json:"provisional,omitempty" doc:"until a person decided about the reply"`
	Note        string    `json:"note,omitempty"`
	Message     *sms.ID   `json:"message,omitempty" doc:"the message that was answered"`
	Inbound     *sms.ID   `json:"inbound,omitempty" doc:"the reply"`
	At          time.Time `json:"at"`
}

// Data is what callers are told of a change.
func (c *OptOutChange) Data() OptOutData {
	d := OptOutData{
		Number: c.Number, Sender: c.Sender, Source: c.Source, Provisional: c.Provisional,
		Note: c.Note, At: c.At.UTC(),
	}
	if !c.Message.IsZero() {
		d.Message = &c.Message
	}
	if !c.Inbound.IsZero() {
		d.Inbound = &c.Inbound
	}
	return d
}
