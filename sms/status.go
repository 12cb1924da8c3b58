package sms

import "slices"

// Status says where a message stands. The words are the same on the wire, in
// the database, in metrics and in documents, and are never renamed.
type Status string

// The statuses of a message (MT). The last five are final.
const (
	Queued      Status = "queued"      // durable here, waiting: now, a date, a retry
	Submitting  Status = "submitting"  // claimed by a lane; bytes may have left
	Uncertain   Status = "uncertain"   // bytes left, no clear answer; held or being reconciled
	Submitted   Status = "submitted"   // the operator took it and gave an id
	Delivered   Status = "delivered"   // the operator says the handset has it
	Undelivered Status = "undelivered" // the operator says it will not be delivered
	Expired     Status = "expired"     // validity over, here or at the operator, or no receipt in time
	Rejected    Status = "rejected"    // refused for good, here or by the operator
	Canceled    Status = "canceled"    // by the caller, before submission
)

// Statuses lists every status in the order of a message's life.
var Statuses = []Status{
	Queued, Submitting, Uncertain, Submitted,
	Delivered, Undelivered, Expired, Rejected, Canceled,
}

// transitions is the whole life of a message. A status never goes back, with
// one exception: a message returns to Queued when the operator is thought not to
// have taken it. Should a receipt show that it did, the message goes on from
// Queued as if it had been submitted, and is not sent again. Expired moves on where
// our own clock gave it (ByClock): then the operator's later word is the end.
var transitions = map[Status][]Status{
	Queued:     {Submitting, Submitted, Delivered, Undelivered, Expired, Rejected, Canceled},
	Submitting: {Queued, Uncertain, Submitted, Delivered, Undelivered, Expired, Rejected},
	Uncertain:  {Queued, Submitted, Delivered, Undelivered, Expired, Rejected},
	Submitted:  {Delivered, Undelivered, Expired, Rejected},
	Expired:    {Delivered, Undelivered, Expired, Rejected},
}

// CanBecome reports whether a message in status s may move to next. None moves to
// itself but Expired: by our clock first, then by the operator's word.
func (s Status) CanBecome(next Status) bool {
	return slices.Contains(transitions[s], next)
}

// Final reports whether s is an end: the message is never sent again. An end that an
// operator or a person gave never changes; ByClock knows the others.
func (s Status) Final() bool {
	return s.Valid() && (len(transitions[s]) == 0 || s == Expired)
}

// The codes of the events that begin a message, and each call.
const (
	CodeAccepted = "accepted"
	CodeAttempt  = "attempt"
)

// The reasons of ends that our own clock gave. The last three are of a message in
// doubt whose validity was over when it was to be sent again.
const (
	NoReceipt        = "no_receipt"    // none came in the time allowed
	ValidityOver     = "validity_over" // before it left, or before its next try
	LookupNotTaken   = "lookup_not_taken"
	ResentAfterDoubt = "resent_after_doubt"
	ResolvedNotTaken = "resolved_not_taken"
)

var byClock = []string{NoReceipt, ValidityOver, LookupNotTaken, ResentAfterDoubt, ResolvedNotTaken}

// ByClock reports whether our own clock, and neither an operator nor a person, ended a
// message in status s with a reason. Such an end gives way to the operator's later
// word.
func (s Status) ByClock(reason string) bool {
	return s == Expired && slices.Contains(byClock, reason)
}

// Valid reports whether s is one of Statuses.
func (s Status) Valid() bool {
	return slices.Contains(Statuses, s)
}

// Next returns the statuses that may follow s, in the order of Statuses.
func (s Status) Next() []Status {
	return slices.Clone(transitions[s])
}
