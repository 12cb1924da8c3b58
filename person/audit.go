package person

import (
	"context"
	"time"

	"relais/sms"
)

// Action is what was done about a person.
type Action string

// The actions.
const (
	Exported Action = "export"
	Erased   Action = "erase"
)

// AuditEntry is the proof of one export or erasure. Subject is the pseudonym of
// the number, which the entry never holds.
type AuditEntry struct {
	ID       sms.ID
	Account  string
	At       time.Time
	Actor    sms.Actor
	Action   Action
	Subject  sms.Number
	Messages int
	Replies  int
	OptOuts  int // entries of the suppression list
}

// AuditQuery chooses entries of one account, newest first.
type AuditQuery struct {
	Account string
	Subject sms.Number // empty: all
	Actor   sms.Actor  // only by this one; empty: all
	Action  Action     // only this; empty: all
	Since   time.Time
	Before  sms.ID // only older ones: the cursor
	Limit   int
}

// Erasure asks for one step of erasing a person.
type Erasure struct {
	Numbers []sms.Number // the number, and its pseudonym
	OptOuts bool         // the entries of the suppression list too, and their proofs
	Limit   int          // most messages, and most replies
	Audit   AuditEntry   // gets the counts
}

// ErasureDone is what became of a step.
type ErasureDone struct {
	Messages int
	Replies  int
	OptOuts  int
	Rows     int // of campaigns
	Entries  int // of lists
	Contacts int
	// Shared counts messages whose text stays with other people's messages, because
	// one request sent it to all of them.
	Shared int
	More   bool // call again
}

// Store erases people and keeps the audit.
type Store interface {
	// Erase takes number, text, metadata and reference from a bounded number of an
	// account's messages that have ended and of replies to it, and adds the counts
	// to the audit in the same transaction, with an entry even when nothing was
	// there. A text that others got in one request stays with theirs. Opt-outs go
	// with the last step.
	Erase(ctx context.Context, e Erasure) (ErasureDone, error)
	// Record keeps an entry of the audit, or adds its counts to the one that is
	// there.
	Record(ctx context.Context, e AuditEntry) error
	// Audit returns entries, newest first; more tells that older ones match too.
	Audit(ctx context.Context, q AuditQuery) (found []AuditEntry, more bool, err error)
}
