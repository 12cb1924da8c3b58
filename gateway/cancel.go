package gateway

import (
	"context"

	"relais/reason"
	"relais/sms"
)

// Cancel ends a message that waits. m is the message as the caller sees it; one
// that a lane has claimed meanwhile, or that has ended, is a Conflict.
func (g *Gateway) Cancel(ctx context.Context, m sms.Message, actor string) error {
	if m.Status == sms.Queued {
		settled, err := g.store.Settle(ctx, []sms.Transition{{
			Account: m.Account, ID: m.ID, From: sms.Queued, Attempt: m.Attempt, To: sms.Canceled,
			Event: sms.Event{
				At: g.now(), Status: sms.Canceled, Actor: actor, Code: "canceled_by_caller", Attempt: m.Attempt,
			},
		}})
		if err != nil {
			return unavailable(err)
		}
		if settled.Applied == 1 {
			g.waiting.Add(-1)
			return nil
		}
	}
	return &Error{Kind: Conflict, Reason: reason.Of(codeNotCancelable, nil)}
}
