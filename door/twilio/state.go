package twilio

import (
	"strconv"

	"relais/inbox"
	"relais/sms"
)

func decimal(n int) string { return strconv.Itoa(n) }

// Statuses of a message (documented: TWO, message_enum_status).
const (
	statusAccepted    = "accepted"
	statusScheduled   = "scheduled"
	statusQueued      = "queued"
	statusSending     = "sending"
	statusSent        = "sent"
	statusDelivered   = "delivered"
	statusUndelivered = "undelivered"
	statusFailed      = "failed"
	statusCanceled    = "canceled"
)

// statusOf is where a message stands. One of a service begins as accepted (documented: TWO).
func (c *call) statusOf(m *sms.Message) string {
	switch {
	case m.Status != sms.Queued:
		return statusAfter(m.Status)
	case m.Attempt == 0 && m.DueAt.After(c.Now()):
		return statusScheduled
	case m.Metadata[keptService] != "":
		return statusAccepted
	}
	return statusQueued
}

// statusAfter is that of a message that left the queue.
func statusAfter(s sms.Status) string {
	switch s {
	case sms.Submitted:
		return statusSent
	case sms.Delivered:
		return statusDelivered
	case sms.Undelivered, sms.Expired:
		return statusUndelivered
	case sms.Rejected:
		return statusFailed
	case sms.Canceled:
		return statusCanceled
	case sms.Queued, sms.Submitting, sms.Uncertain:
	}
	return statusSending
}

// failure says why a message did not arrive.
type failure struct {
	code     int
	sentence string
}

// Failures of Twilio's dictionary (documented: TWE; 30036 commonly known).
var (
	failureUnknown = failure{30008, "Unknown error"}
	failureExpired = failure{30036, "The validity period expired"}

	failures = map[string]failure{
		string(sms.ReasonAbsent):            {30003, "Unreachable destination handset"},
		string(sms.ReasonBlocked):           {30004, "Message blocked"},
		string(sms.ReasonUnknownSubscriber): {30005, "Unknown destination handset"},
		string(sms.ReasonContent):           {30007, "Message filtered"},
		string(sms.ReasonExpired):           failureExpired,
		string(sms.ReasonOptedOut):          {codeOptedOut, titles[codeOptedOut]},
		inbox.CodeOptedOut.Wire():           {codeOptedOut, titles[codeOptedOut]},
	}
)

// failureOf is why a message in a status did not arrive; 0: it may still, or it did. Codes of operators are
// not passed on: those of another operator mean other things.
func failureOf(s sms.Status, reason string) (code int, sentence string) {
	f := failure{}
	switch s {
	case sms.Undelivered, sms.Rejected:
		f = failureUnknown
	case sms.Expired:
		f = failureExpired
	case sms.Queued, sms.Submitting, sms.Uncertain, sms.Submitted, sms.Delivered, sms.Canceled:
		return 0, ""
	}
	if known, listed := failures[reason]; listed {
		f = known
	}
	return f.code, f.sentence
}
