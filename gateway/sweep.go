package gateway

import (
	"context"
	"time"
)

// sweepEvery is how often messages past their validity are ended while their
// lane does not claim them.
const sweepEvery = 10 * time.Second

// keyLife is how long an idempotency key is remembered.
const keyLife = 7 * 24 * time.Hour

// sweep ends what nobody will send any more, and forgets old keys.
func (g *Gateway) sweep(ctx context.Context) {
	g.expire(ctx)
	if g.clock.Leapt() {
		return // else a request that comes again would be sent again
	}
	if err := g.store.Forget(ctx, g.now().Add(-keyLife)); err != nil {
		g.log.Error("cannot forget old idempotency keys", "error", err)
	}
}

// expire works in small steps, so that it holds nobody up.
func (g *Gateway) expire(ctx context.Context) {
	total := 0
	for ctx.Err() == nil {
		expired, err := g.store.Expire(ctx, g.now())
		if err != nil {
			g.log.Error("cannot expire messages", "error", err)
		}
		if expired == 0 {
			break
		}
		total += expired
	}
	if total > 0 {
		g.metrics.lanes.Expired(total)
		g.told()
		g.log.Info("messages expired before they could be sent", "messages", total)
	}
}

// countEvery is how often what waits is counted afresh.
const countEvery = 10 * time.Second

// recount keeps the limit of what may wait and the metrics true, on each node.
func (g *Gateway) recount(ctx context.Context) {
	if err := g.countWaiting(ctx); err != nil && ctx.Err() == nil {
		g.log.Error("cannot count what waits", "error", err)
	}
}
