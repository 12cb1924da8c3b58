package person

import (
	"context"
	"time"

	"relais/duty"
)

// dropHistory drops months that are kept no longer, with all their messages, in
// small steps. What has not ended stays, and on PostgreSQL its whole month.
func (p *Persons) dropHistory(ctx context.Context) {
	if p.historyMonths == 0 {
		return
	}
	now := p.now().UTC()
	before := time.Date(now.Year(), now.Month()-time.Month(p.historyMonths), 1, 0, 0, 0, 0, time.UTC)
	some := false
	for ctx.Err() == nil {
		dropped, err := p.store.DropHistory(ctx, before)
		if err != nil && ctx.Err() == nil {
			p.log.Error("cannot drop old months", "error", err)
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
		p.log.Info("dropped the history of old months", "before", before.Format(time.DateOnly))
	}
}
