package person

import (
	"time"

	"relais/sms"
)

// Retention says how long an account keeps what is personal; 0: for ever.
type Retention struct {
	Account string
	Texts   time.Duration
	Numbers time.Duration
	Files   time.Duration // of campaigns, and the values of their rows
}

// Rows are what a retention is about.
type Rows string

// The rows of an account that hold something personal. Notes hold no number of their own.
const (
	Messages Rows = "messages"
	Replies  Rows = "replies"
	Notes    Rows = "notes" // of colleagues on conversations
)

// Purge asks for one step of a retention: a page of an account's messages, of replies to
// it, or of notes on them, in the order of their ids.
type Purge struct {
	Account string
	Of      Rows // empty: messages
	After   sms.ID
	Before  time.Time // only what was accepted, or received, before
	Limit   int
	// Hide replaces a number by a pseudonym, which it leaves alone; nil: texts are
	// removed, and notes with theirs.
	Hide func(sms.Number) sms.Number
	// Metadata of messages goes with their texts: what a caller kept there may name a person too.
	Metadata bool
}

// Purged is what became of a step.
type Purged struct {
	Changed int
	// Next is the last id that was looked at; zero when none was left.
	Next sms.ID
	// Kept is the first id that had to stay as it is, because its message has not
	// ended; zero when none had to.
	Kept sms.ID
}

// Purgeable is a row of a page that Purge looks at.
type Purgeable struct {
	ID, Submission sms.ID
	Number         sms.Number
	Status         sms.Status
}

// Choose tells which rows of a page are purged. needed are submissions whose text
// may still have to be sent. Stores call it.
func (p *Purge) Choose(page []Purgeable, needed map[sms.ID]bool) (rows []Purgeable, done Purged) {
	for _, row := range page {
		done.Next = row.ID
		stays := needed[row.Submission] || p.Hide != nil && !row.Status.Final()
		if !stays {
			rows = append(rows, row)
		} else if done.Kept.IsZero() {
			done.Kept = row.ID
		}
	}
	return rows, done
}

// WantsTexts reports whether it is about texts of messages, some of which may still
// be needed.
func (p *Purge) WantsTexts() bool { return p.Hide == nil && p.Of != Replies && p.Of != Notes }
