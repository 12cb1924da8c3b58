package gateway

import (
	"context"

	"relais/sms"
)

const aheadSize = 500

// hasten lets go what a clock that ran ahead put off: messages, questions about
// messages in doubt, webhooks. A date that a caller asked for stays.
func (g *Gateway) hasten(ctx context.Context) {
	if err := g.store.Hasten(ctx, g.now()); err != nil && ctx.Err() == nil {
		g.log.Error("cannot let go what a clock that ran ahead put off", "error", err)
	}
	for _, name := range g.order {
		for ctx.Err() == nil {
			ahead, err := g.store.Ahead(ctx, name, g.now(), aheadSize)
			if err == nil && len(ahead) > 0 {
				_, err = g.store.Move(ctx, g.atOnce(ahead))
				g.lanes[name].rouse()
			}
			if err != nil && ctx.Err() == nil {
				g.log.Error("cannot let go messages that a clock that ran ahead put off", "connector", name, "error", err)
			}
			if err != nil || len(ahead) < aheadSize {
				break
			}
		}
	}
	g.told()
}

// atOnce moves messages to where they are, due now.
func (g *Gateway) atOnce(ahead []sms.Message) []Move {
	now := g.now()
	moves := make([]Move, len(ahead))
	for i, m := range ahead {
		m.DueAt = now
		moves[i] = Move{Message: m, To: m.Connector, Event: sms.Event{
			At: now, Status: sms.Queued, Actor: "gateway", Code: "clock_set_back", Attempt: m.Attempt,
			Detail: "The gateway's clock had run ahead and was set back; the message goes now, not when that time comes.",
		}}
	}
	return moves
}
