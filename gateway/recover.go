package gateway

import (
	"time"

	"relais/sms"
)

// Crashed is the transition of a message that a dead process left in
// submitting: bytes may have left, so it is held and never sent again blindly.
func Crashed(m sms.Message, now time.Time) sms.Transition {
	return sms.Transition{
		Account: m.Account, ID: m.ID, From: sms.Submitting, Attempt: m.Attempt, To: sms.Uncertain,
		Event: sms.Event{
			At: now, Status: sms.Uncertain, Actor: "gateway", Code: "process_died",
			Detail:  "The gateway stopped while this call was under way; whether the operator took the message is not known. It is held, not sent again.",
			Attempt: m.Attempt,
		},
	}
}
