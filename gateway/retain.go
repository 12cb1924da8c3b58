package gateway

import (
	"context"
	"time"

	"relais/duty"
	"relais/person"
	"relais/sms"
)

const (
	purgeSize  = 500
	purgePause = 100 * time.Millisecond
	purgeEvery = time.Hour
)

// retain removes texts and hides numbers whose time is over, until ctx ends. It
// works in small steps with pauses, so that sending does not feel it.
func (g *Gateway) retain(ctx context.Context) {
	for {
		for g.clock.Leapt() {
			if duty.Sleep(ctx, time.Minute) != nil {
				return
			}
		}
		retentions, err := g.retentions(ctx)
		if err != nil && ctx.Err() == nil {
			g.log.Error("cannot read which accounts keep their messages for how long", "error", err)
		}
		for _, r := range retentions {
			for _, replies := range []bool{false, true} {
				g.purge(ctx, r.Account, "texts", replies, r.Texts, nil)
				g.purge(ctx, r.Account, "numbers", replies, r.Numbers, func(n sms.Number) sms.Number { return g.hide(r.Account, n) })
			}
		}
		g.dropHistory(ctx)
		if duty.Sleep(ctx, purgeEvery) != nil {
			return
		}
	}
}

// purge goes on where the last round ended, page by page. What had to stay is
// looked at again in the next round.
func (g *Gateway) purge(ctx context.Context, account, what string, replies bool, age time.Duration, hide func(sms.Number) sms.Number) {
	if age <= 0 {
		return
	}
	of := "messages"
	if replies {
		of = "replies"
	}
	cursor := "purge " + what + " of " + of + " " + account
	after, err := g.purgedTo(ctx, cursor)
	changed := 0
	for stays := false; err == nil && ctx.Err() == nil; {
		var done person.Purged
		done, err = g.store.Purge(ctx, person.Purge{Account: account, Replies: replies, After: after, Before: g.now().Add(-age), Limit: purgeSize, Hide: hide})
		if err != nil || done.Next.IsZero() {
			break
		}
		changed += done.Changed
		after = done.Next
		if stays = stays || !done.Kept.IsZero(); !stays {
			err = g.store.KeepCursor(ctx, cursor, after.String())
		}
		if duty.Sleep(ctx, purgePause) != nil {
			break
		}
	}
	if err != nil && ctx.Err() == nil {
		g.log.Error("cannot remove what an account keeps no longer", "account", account, "what", what, "error", err)
	}
	if changed > 0 {
		g.metrics.purged.WithLabelValues(what).Add(float64(changed))
		g.log.Info("removed what an account keeps no longer", "account", account, "what", what+" of "+of, "rows", changed)
	}
}

func (g *Gateway) purgedTo(ctx context.Context, cursor string) (id sms.ID, err error) {
	text, err := g.store.Cursor(ctx, cursor)
	if err != nil || text == "" {
		return id, err
	}
	err = id.UnmarshalText([]byte(text))
	return id, err
}

// Pseudonym is what stands for a number where an account hides old ones, for
// searches; empty when it hides none.
func (g *Gateway) Pseudonym(ctx context.Context, account string, n sms.Number) sms.Number {
	retentions, err := g.retentions(ctx)
	if err != nil || n == "" {
		return ""
	}
	for _, r := range retentions {
		if r.Account == account && r.Numbers > 0 {
			return g.hide(account, n)
		}
	}
	return ""
}

// hide leaves alone what is hidden.
func (g *Gateway) hide(account string, n sms.Number) sms.Number {
	if !n.Known() {
		return n
	}
	return sms.NoNumber + sms.Number(g.pseudonym(account, n))
}
