package gateway

import "context"

// hasten lets go what a clock that ran ahead put off: messages, questions about
// messages in doubt, webhooks. A date that a caller asked for stays.
func (g *Gateway) hasten(ctx context.Context) {
	if err := g.store.Hasten(ctx, g.now()); err != nil && ctx.Err() == nil {
		g.log.Error("cannot let go what a clock that ran ahead put off", "error", err)
	}
	g.lanes.Hasten(ctx)
	g.told()
}
