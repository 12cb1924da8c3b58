package gateway

import (
	"context"
	"time"

	"relais/duty"
)

// dropHistory drops months that are kept no longer, with all their messages, in
// small steps. What has not ended stays, and on PostgreSQL its whole month.
func (g *Gateway) dropHistory(ctx context.Context) {
	if g.historyMonths == 0 {
		return
	}
	now := g.now().UTC()
	before := time.Date(now.Year(), now.Month()-time.Month(g.historyMonths), 1, 0, 0, 0, 0, time.UTC)
	some := false
	for ctx.Err() == nil {
		dropped, err := g.store.DropHistory(ctx, before)
		if err != nil && ctx.Err() == nil {
			g.log.Error("cannot drop old months", "error", err)
		}
		if !dropped {
			break
		}
		some = true
		if duty.Sleep(ctx, purgePause) != nil {
			break
		}
	}
	if some {
		g.log.Info("dropped the history of old months", "before", before.Format(time.DateOnly))
	}
}
