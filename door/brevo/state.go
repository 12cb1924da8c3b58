package brevo

import (
	"relais/inbox"
	"relais/sms"
)

// stage is where a message is, as an event of a list and as the status of a callback (documented: BRV, BRN; BRW).
type stage struct {
	event  string
	status string
}

var (
	accepted     = stage{"accepted", "accepted"}
	sent         = stage{"sent", "sent"}
	delivered    = stage{"delivered", "delivered"}
	softBounce   = stage{"softBounces", "soft_bounce"}
	hardBounce   = stage{"hardBounces", "hard_bounce"}
	rejected     = stage{"rejected", "rejected"}
	blocked      = stage{"blocked", "blocked"}
	replied      = stage{"replies", "replied"}
	unsubscribed = stage{"unsubscription", "unsubscribed"}
)

// eventNames are those that a list may be asked for; bounces stands for both kinds.
var eventNames = []string{
	"bounces", hardBounce.event, softBounce.event, delivered.event, sent.event, accepted.event, unsubscribed.event, replied.event,
	blocked.event, rejected.event, "skipped",
}

// endOf is how a message ended; zero: it has not, or nobody is told.
func endOf(s sms.Status, reason string) stage {
	switch s {
	case sms.Delivered:
		return delivered
	case sms.Undelivered, sms.Expired, sms.Rejected:
		switch {
		case reason == string(sms.ReasonOptedOut), reason == inbox.CodeOptedOut.Wire(), reason == string(sms.ReasonBlocked):
			return blocked
		case reason == string(sms.ReasonUnknownSubscriber):
			return hardBounce
		case s == sms.Rejected:
			return rejected
		}
		return softBounce
	case sms.Queued, sms.Submitting, sms.Uncertain, sms.Submitted, sms.Canceled:
	}
	return stage{}
}
