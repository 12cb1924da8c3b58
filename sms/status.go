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
	Expired     Status = "expired"     // validity over, here or at the operator
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
// Queued as if it had been submitted, and is not sent again.
var transitions = map[Status][]Status{
	Queued:     {Submitting, Submitted, Delivered, Undelivered, Expired, Rejected, Canceled},
	Submitting: {Queued, Uncertain, Submitted, Delivered, Undelivered, Expired, Rejected},
	Uncertain:  {Queued, Submitted, Delivered, Undelivered, Expired, Rejected},
	Submitted:  {Delivered, Undelivered, Expired, Rejected},
}

// CanBecome tells whether a message in status s may move to next. No status
// may move to itself.
func (s Status) CanBecome(next Status) bool {
	return slices.Contains(transitions[s], next)
}

// Final tells whether s is an end: a final status never changes.
func (s Status) Final() bool {
	return s.Valid() && len(transitions[s]) == 0
}

// Valid tells whether s is one of Statuses.
func (s Status) Valid() bool {
	return slices.Contains(Statuses, s)
}

// Next returns the statuses that may follow s, in the order of Statuses.
func (s Status) Next() []Status {
	return slices.Clone(transitions[s])
}
