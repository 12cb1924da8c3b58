package ledger

import (
	"slices"

	"relais/reason"
)

// Status is where a campaign stands.
type Status string

// The statuses. Their words are on the wire and are never renamed.
const (
	Draft    Status = "draft"    // text, file and options may change
	Checking Status = "checking" // the file is read, and every row judged
	Ready    Status = "ready"    // checked; the report stands
	// Awaiting is of a start that needs somebody else to agree.
	Awaiting  Status = "awaiting_approval"
	Scheduled Status = "scheduled" // starts at its time
	Running   Status = "running"   // rows become messages
	Paused    Status = "paused"    // nothing new is fed
	Finishing Status = "finishing" // every row is taken or has ended; receipts are awaited
	Finished  Status = "finished"  // every row has ended
	Canceling Status = "canceling" // nothing new is fed; what is under way ends by itself
	Canceled  Status = "canceled"  // every row has ended, and some were canceled
)

// Dropped is of a draft that nobody sees any more, until all of it is gone. It is none of the
// statuses that people see.
const Dropped Status = "dropped"

// KeptTooLong is why a campaign that nobody started is a draft again: the file and the rows of
// its check are kept no longer.
const KeptTooLong reason.Code = "kept_too_long"

// RefusedByPerson is why a campaign that waited for somebody to agree is a draft again.
const RefusedByPerson reason.Code = "approval_refused"

// SentenceForgotten stands where somebody wrote why they did not agree, once that is kept no longer.
const SentenceForgotten reason.Code = "approval_refused/forgotten"

// PersonErased is why a row gets no message whose person was erased while it waited.
const PersonErased reason.Code = "recipient_erased"

// Statuses lists every status, in the order in which a campaign goes through them.
var Statuses = []Status{
	Draft, Checking, Ready, Awaiting, Scheduled, Running, Paused, Finishing, Finished, Canceling, Canceled,
}

// moves has every move between statuses. An edit leads back to draft.
var moves = map[Status][]Status{
	Draft:     {Checking},
	Checking:  {Ready, Draft, Checking},
	Ready:     {Draft, Checking, Awaiting, Scheduled, Running},
	Awaiting:  {Draft, Checking, Scheduled, Running, Canceling},
	Scheduled: {Draft, Running, Paused, Canceling},
	Running:   {Paused, Finishing, Canceling},
	Paused:    {Running, Scheduled, Canceling},
	Finishing: {Finished, Running, Paused, Canceling},
	Canceling: {Canceled},
}

// Next returns the statuses that may follow.
func (s Status) Next() []Status { return slices.Clone(moves[s]) }

// May reports whether a status may follow.
func (s Status) May(next Status) bool { return slices.Contains(moves[s], next) }

// Valid reports whether the status is one of the list.
func (s Status) Valid() bool { return slices.Contains(Statuses, s) }

// Final reports whether nothing follows.
func (s Status) Final() bool { return s.Valid() && len(moves[s]) == 0 }

// Editable reports whether name, text, file and options may change.
func (s Status) Editable() bool { return s == Draft || s == Checking || s.May(Draft) }

// Started reports whether somebody started a campaign that may still be edited: to forget it,
// it is canceled first.
func (s Status) Started() bool { return s == Awaiting || s == Scheduled }

// Idle reports whether nothing happens to a campaign until somebody does something: it was
// never started, and does not start by itself.
func (s Status) Idle() bool { return s.Editable() && s != Checking && s != Scheduled }

// State is where a row stands.
type State string

// The states of rows.
const (
	Waiting     State = "waiting"  // no message was made of it yet
	Taken       State = "taken"    // its message is stored, and has not ended
	Ended       State = "ended"    // its message has ended
	Skipped     State = "skipped"  // no message is made of it
	RowCanceled State = "canceled" // the campaign was canceled before it had a message that left
)

// States lists every state.
var States = []State{Waiting, Taken, Ended, Skipped, RowCanceled}

// rowMoves has every move between states. A taken row waits again when a pause withdrew
// its message before it left.
var rowMoves = map[State][]State{
	Waiting: {Taken, Skipped, RowCanceled},
	Taken:   {Ended, Waiting, RowCanceled},
}

// May reports whether a state may follow.
func (s State) May(next State) bool { return slices.Contains(rowMoves[s], next) }

// Open reports whether something still happens to the row.
func (s State) Open() bool { return s == Waiting || s == Taken }

// Valid reports whether the state is one of the list.
func (s State) Valid() bool { return slices.Contains(States, s) }
