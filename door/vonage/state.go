package vonage

import (
	"relais/inbox"
	"relais/sms"
	"relais/webhook"
)

// words are what a receipt calls the events that it tells (documented: NXD, delivery receipts). message.uncertain is none: a
// receipt may follow, or a person decides. Cancellation is not told: nobody can cancel at Vonage.
var words = map[webhook.Type]string{
	webhook.MessageSubmitted: "accepted", webhook.MessageDelivered: "delivered", webhook.MessageUndelivered: "failed",
	webhook.MessageExpired: "expired", webhook.MessageRejected: "rejected",
}

// Codes of a receipt (documented: NXD).
const (
	errNone    = 0
	errOther   = 1
	errAbsent  = 2
	errNobody  = 3
	errBlocked = 4
	errContent = 6
	errNetwork = 8
)

var failures = map[string]int{
	string(sms.ReasonAbsent): errAbsent, string(sms.ReasonUnknownSubscriber): errNobody, string(sms.ReasonBlocked): errBlocked,
	string(sms.ReasonOptedOut): errBlocked, inbox.CodeOptedOut.Wire(): errBlocked, string(sms.ReasonContent): errContent,
	string(sms.ReasonNetwork): errNetwork,
}

// errCode is why a message did not arrive. Codes of operators are not passed on: those of another operator mean other things.
func errCode(event webhook.Type, reason string) int {
	if event == webhook.MessageSubmitted || event == webhook.MessageDelivered {
		return errNone
	}
	if code, known := failures[reason]; known {
		return code
	}
	return errOther
}
