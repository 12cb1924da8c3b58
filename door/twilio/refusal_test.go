package twilio_test

import (
	"testing"

	"relais/door/twilio"
	"relais/gateway"
	"relais/inbox"
	"relais/number"
	"relais/quota"
	"relais/reason"
	"relais/sender"
)

// TestRefusalsOfTheGateway has what the gateway refuses for reasons that a request alone does not show.
func TestRefusalsOfTheGateway(t *testing.T) {
	of := func(code reason.Code) reason.Reason { return reason.Of(code, nil) }
	recipient := func(code reason.Code) *gateway.Error {
		return &gateway.Error{Reason: of(gateway.CodeNoRecipient), Field: "/to", Rejected: []gateway.Refusal{{Reason: of(code)}}}
	}
	for _, tc := range []struct {
		name         string
		refused      *gateway.Error
		status, code int
	}{
		{"STOP", recipient(inbox.CodeOptedOut), 400, 21610},
		{"a landline", recipient(number.CodeFixedLine), 400, 21614},
		{"a premium number", recipient(number.CodePremium), 400, 21408},
		{"a family that the account does not send to", recipient(number.CodeFamily), 400, 21408},
		{"a number that cannot be", recipient(number.CodeTooShort), 400, 21211},
		{"a quota for now", recipient(quota.NobodyAllowed), 429, 20429},
		{"too many to one person", recipient(quota.RecipientLimit), 429, 20429},
		{"a quota for ever", recipient(quota.AlwaysBeyond), 400, 20001},
		{"too much waits", &gateway.Error{Kind: gateway.Overloaded, Reason: of("backlog_full")}, 429, 20429},
		{"another account's sender", &gateway.Error{Reason: of(sender.CodeNotListed), Field: "/sender"}, 400, 21606},
		{"a sender that is none", &gateway.Error{Reason: of(sender.CodeTooLong), Field: "/sender"}, 400, 21212},
		{"a sender that the key has not", &gateway.Error{Reason: of(gateway.CodeSenderOfKey), Field: "/sender"}, 403, 20003},
		{"a key with another body", &gateway.Error{Kind: gateway.Conflict, Reason: of(gateway.CodeKeyReused)}, 409, 20409},
	} {
		if status, code := twilio.RefusedBy(tc.refused); status != tc.status || code != tc.code {
			t.Errorf("%s: %d %d, want %d %d", tc.name, status, code, tc.status, tc.code)
		}
	}
}
