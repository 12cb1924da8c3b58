package sender

import (
	"slices"
	"sync/atomic"
	"time"

	"relais/connector"
	"relais/internal/bell"
	"relais/reason"
	"relais/sms"
)

// life is how long what was read counts: later it refuses nothing.
const life = 24 * time.Hour

// Declared is what is known of the senders that an operator lets a connector use. It
// lives in memory: a fresh start trusts every sender until the first reading. A nil one
// refuses nothing.
type Declared struct {
	refuses  bool // a sender that is not declared
	withCase bool // a name in other capitals is another sender
	last     atomic.Pointer[reading]
	again    bell.Bell // a refusal asks for a new reading
}

// reading is what the operator said once.
type reading struct {
	at      time.Time
	senders []connector.DeclaredSender
	kinds   []sms.SenderKind // of them
}

// NewDeclared begins to know the senders of a connector.
func NewDeclared(facts *connector.Facts) *Declared {
	return &Declared{
		refuses: facts.CheckSenders && !facts.FixedSender, withCase: facts.SenderCase, again: bell.New(),
	}
}

// ReadAgain has the list read soon: it may have been overtaken.
func (d *Declared) ReadAgain() { d.again.Ring() }

func (d *Declared) keep(senders []connector.DeclaredSender, at time.Time) {
	r := &reading{at: at, senders: senders}
	for i := range senders {
		if kind := senders[i].Name.Kind(); !slices.Contains(r.kinds, kind) {
			r.kinds = append(r.kinds, kind)
		}
	}
	d.last.Store(r)
}

// All returns the senders that the operator listed when it was last asked; nil before.
func (d *Declared) All() []connector.DeclaredSender {
	if d == nil {
		return nil
	}
	if last := d.last.Load(); last != nil {
		return last.senders
	}
	return nil
}

// Refuses says in a phrase why the operator does not take a sender, and what to do;
// zero where it takes it. Nothing is known where it could not be asked, where it lists
// nothing at all, which an operator that is out of order may do, or where all messages
// leave from one sender.
func (d *Declared) Refuses(s Sender) reason.Reason {
	if d == nil || !d.refuses || s.Name == "" {
		return reason.Reason{}
	}
	known := d.last.Load()
	if known == nil || len(known.senders) == 0 || time.Since(known.at) > life {
		return reason.Reason{}
	}
	at, found := connector.FindSender(known.senders, s.Name)
	switch {
	// Numbers may be rented otherwise, so that a list of names says nothing of them.
	case !found && (s.Kind == sms.Alphanumeric || slices.Contains(known.kinds, s.Kind)):
		return reason.Of(phraseUndeclared, nil)
	case at.State.Barred():
		return barred(&at)
	case found && d.withCase && at.Misspelt(s.Name):
		return reason.Of(phraseCapitals, reason.Args{"sender": reason.Name(at.Name)})
	default:
		return reason.Reason{}
	}
}

// Phrases of senders at the operator.
const (
	phraseUndeclared reason.Code = "words/sender_undeclared"
	phraseCapitals   reason.Code = "words/sender_capitals"
	phraseWaiting    reason.Code = "words/sender_waiting"
	phraseRefused    reason.Code = "words/sender_refused"
	phraseDisabled   reason.Code = "words/sender_disabled"
)

// barred tells the state of a sender at the operator, and what to do.
func barred(at *connector.DeclaredSender) reason.Reason {
	args := reason.Args{"comment": reason.Name(at.Comment)}
	switch at.State {
	case connector.SenderWaiting:
		return reason.Of(phraseWaiting, args)
	case connector.SenderRefused:
		return reason.Of(phraseRefused, args)
	default:
		return reason.Of(phraseDisabled, args)
	}
}
