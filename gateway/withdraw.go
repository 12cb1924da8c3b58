package gateway

import (
	"context"

	"relais/sms"
)

// Withdraw cancels messages that a campaign takes back, under the code of their event. One
// that a lane has claimed meanwhile, or that has ended, stays as it is.
func (g *Gateway) Withdraw(ctx context.Context, messages []sms.Message, code string) error {
	transitions := make([]sms.Transition, len(messages))
	at := g.now()
	for i := range messages {
		m := &messages[i]
		transitions[i] = sms.Transition{
			Account: m.Account, ID: m.ID, From: sms.Queued, Attempt: m.Attempt, To: sms.Canceled,
			Event: sms.Event{
				At: at, Status: sms.Canceled, Actor: sms.ActorGateway, Code: code, Attempt: m.Attempt,
			},
		}
	}
	settled, err := g.store.Settle(ctx, transitions)
	g.backlog.messages.Add(-int64(settled.Applied))
	if err != nil {
		return unavailable(err)
	}
	return nil
}
