package quota

import (
	"context"
	"slices"
	"time"

	"relais/reason"
	"relais/sms"
)

// Standing is how much of a quota is used.
type Standing struct {
	Quota   string
	Subject sms.Actor     // the key that is counted apart; empty: the account
	Limit   reason.Reason // what the quota allows
	Left    reason.Arg    // what it still allows
	Until   time.Time     // when it counts from zero again
	Used    int           // percent of what is used most of
}

// Standings tells how much is used of the quotas of an account, and of those of some of
// its actors. What is counted by recipient or country is left out: there are too many.
// A nil *Book has no quotas.
func (b *Book) Standings(ctx context.Context, account string, actors []sms.Actor, now time.Time) ([]Standing, error) {
	if b.Empty() {
		return nil, nil
	}
	charges := b.standingCharges(account, actors, now)
	used, err := b.store.Used(ctx, account, charges)
	if err != nil {
		return nil, err
	}
	all := make([]Standing, len(charges))
	for i := range charges {
		c := &charges[i]
		all[i] = Standing{
			Quota: c.quota.Name, Subject: sms.ReadActor(c.Subject), Limit: c.quota.limit(), Left: c.quota.bounded(c.left(used[i], now)),
			Until: c.frees(used[i], now), Used: c.percent(used[i], now),
		}
	}
	return all, nil
}

// standingCharges take nothing from the quotas of an account and of its actors.
func (b *Book) standingCharges(account string, actors []sms.Actor, now time.Time) (charges []Charge) {
	actors = slices.Compact(slices.Sorted(slices.Values(actors)))
	for i := range b.quotas {
		q := &b.quotas[i]
		if len(q.Accounts) > 0 && !slices.Contains(q.Accounts, account) {
			continue
		}
		switch q.Per {
		case PerAccount:
			charges = append(charges, b.newCharge(q, "", now))
		case PerKey:
			for _, actor := range actors {
				if len(q.Keys) == 0 || slices.ContainsFunc(q.Keys, actor.Called) {
					charges = append(charges, b.newCharge(q, string(actor), now))
				}
			}
		default: // counted for each number or country
		}
	}
	return charges
}

// percent is how much of what the charge bounds is used most.
func (c *Charge) percent(u Use, at time.Time) int {
	if !u.live(c, at) {
		return 0
	}
	most := 0
	share := func(used, of int64) {
		if of > 0 {
			most = max(most, int(min(100, used*100/of)))
		}
	}
	share(int64(u.Messages), int64(c.MostMessages))
	share(int64(u.Segments), int64(c.MostSegments))
	share(int64(u.Money), int64(max(c.MostMoney, sms.Money(0))))
	return most
}
