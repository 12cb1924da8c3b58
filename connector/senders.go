package connector

import (
	"context"
	"strings"

	"relais/sms"
)

// SenderLister tells which senders the operator lets the instance use. Its list is
// whole: what is not in it may not be used. Where the operator does not tell that
// much, Senders returns an error.
type SenderLister interface {
	// Senders returns what the operator lists, and of the names in also what it
	// knows of them though its list leaves them out.
	Senders(ctx context.Context, also ...sms.Sender) ([]DeclaredSender, error)
}

// CodeSenderUndeclared is the Code of an Error by which the operator refused a
// message for its sender.
const CodeSenderUndeclared = "sender_not_declared"

// SenderState is what the operator says of a sender.
type SenderState string

// The states of a sender.
const (
	SenderUsable   SenderState = "usable"
	SenderWaiting  SenderState = "waiting"  // nobody at the operator has looked at it yet
	SenderRefused  SenderState = "refused"  // by the operator
	SenderDisabled SenderState = "disabled" // by its owner
	SenderUnclear  SenderState = "unclear"  // in a state that the operator does not document
)

// Barred tells that the operator takes no message from a sender in this state. It
// takes those of a usable one; a state that is unclear proves nothing.
func (s SenderState) Barred() bool {
	return s == SenderWaiting || s == SenderRefused || s == SenderDisabled
}

// DeclaredSender is one that the operator knows.
type DeclaredSender struct {
	Name    sms.Sender
	State   SenderState
	Comment string // the operator's words about it, fit for logs; empty when it has none
}

// FindSender looks for a sender as it is written, then for one that means the same: one
// that is not barred before the others.
func FindSender(declared []DeclaredSender, s sms.Sender) (at DeclaredSender, found bool) {
	for _, d := range declared {
		switch {
		case d.Name == s:
			return d, true
		case SameSender(d.Name, s) && (!found || at.State.Barred() && !d.State.Barred()):
			at, found = d, true
		}
	}
	return at, found
}

// SameSender reports whether two ways to write a sender mean one. Most operators do not
// say whether capitals count, so that they do not here (Facts.SenderCase tells of one
// where they do): what is not plainly another sender is left for the operator to judge. Numbers stand with a
// plus, with 00 or without.
func SameSender(a, b sms.Sender) bool {
	if strings.EqualFold(string(a), string(b)) {
		return true
	}
	return a.Kind() != sms.Alphanumeric && b.Kind() != sms.Alphanumeric && bareNumber(a) == bareNumber(b)
}

// Misspelt reports whether a declared name differs from a sender in its capitals alone.
func (d *DeclaredSender) Misspelt(s sms.Sender) bool {
	return d.Name != s && s.Kind() == sms.Alphanumeric && strings.EqualFold(string(d.Name), string(s))
}

func bareNumber(s sms.Sender) string {
	return strings.TrimPrefix(strings.TrimPrefix(string(s), "+"), "00")
}
