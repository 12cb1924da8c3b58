package person

import (
	"context"
	"time"

	"relais/duty"
	"relais/sms"
)

const (
	purgeSize  = 500
	purgePause = 100 * time.Millisecond
)

// RetainEvery is how often Retain is done.
const RetainEvery = time.Hour

// Retain removes texts and hides numbers whose time is over. It works in small steps with
// pauses, so that sending does not feel it, and waits while the clock may be wrong.
func (p *Persons) Retain(ctx context.Context) {
	for p.clock.Leapt() {
		if duty.Sleep(ctx, time.Minute) != nil {
			return
		}
	}
	retentions, err := p.retentions(ctx)
	if err != nil && ctx.Err() == nil {
		p.log.Error("cannot read which accounts keep their messages for how long", "error", err)
	}
	for _, r := range retentions {
		for _, of := range []Rows{Messages, Replies} {
			p.purge(ctx, r.Account, "texts", of, r.Texts, nil)
			p.purge(ctx, r.Account, "numbers", of, r.Numbers,
				func(n sms.Number) sms.Number { return p.hide(r.Account, n) })
		}
		p.purge(ctx, r.Account, "texts", Notes, r.Texts, nil)
		p.retainCampaigns(ctx, r)
	}
	p.pruneLists(ctx)
	p.dropHistory(ctx)
}

// purge goes on where the last round ended, page by page. What had to stay is
// looked at again in the next round.
func (p *Persons) purge(
	ctx context.Context, account, what string, of Rows, age time.Duration,
	hide func(sms.Number) sms.Number,
) {
	if age <= 0 {
		return
	}
	cursor := "purge " + what + " of " + string(of) + " " + account
	after, err := p.purgedTo(ctx, cursor)
	changed := 0
	for stays := false; err == nil && ctx.Err() == nil; {
		var done Purged
		done, err = p.store.Purge(ctx, Purge{
			Account: account, Of: of, After: after,
			Before: p.now().Add(-age), Limit: purgeSize, Hide: hide,
		})
		if err != nil || done.Next.IsZero() {
			break
		}
		changed += done.Changed
		after = done.Next
		if stays = stays || !done.Kept.IsZero(); !stays {
			err = p.store.KeepCursor(ctx, cursor, after.String())
		}
		if duty.Sleep(ctx, purgePause) != nil {
			break
		}
	}
	if err != nil && ctx.Err() == nil {
		p.log.Error("cannot remove what an account keeps no longer", "account", account,
			"what", what, "error", err)
	}
	if changed > 0 {
		p.purged.WithLabelValues(what).Add(float64(changed))
		p.log.Info("removed what an account keeps no longer", "account", account,
			"what", what+" of "+string(of), "rows",
			changed)
	}
}

func (p *Persons) purgedTo(ctx context.Context, cursor string) (id sms.ID, err error) {
	text, err := p.store.Cursor(ctx, cursor)
	if err != nil || text == "" {
		return id, err
	}
	err = id.UnmarshalText([]byte(text))
	return id, err
}

// Pseudonym is what stands for a number where an account hides old ones, for
// searches; empty when it hides none.
func (p *Persons) Pseudonym(ctx context.Context, account string, n sms.Number) sms.Number {
	retentions, err := p.retentions(ctx)
	if err != nil || n == "" {
		return ""
	}
	for _, r := range retentions {
		if r.Account == account && r.Numbers > 0 {
			return p.hide(account, n)
		}
	}
	return ""
}

// Hidden is the pseudonym of a number, also where the account hides none.
func (p *Persons) Hidden(account string, n sms.Number) sms.Number {
	if p.pseudonym == nil {
		return ""
	}
	return p.hide(account, n)
}

// hide leaves alone what is hidden.
func (p *Persons) hide(account string, n sms.Number) sms.Number {
	if !n.Known() {
		return n
	}
	return sms.NoNumber + sms.Number(p.pseudonym(account, n))
}
