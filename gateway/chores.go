package gateway

import (
	"context"
	"time"

	"relais/connector"
	"relais/credit"
	"relais/duty"
	"relais/lane"
)

// dutyGateway is the name of what is about every message: sweep, rules of replies.
const dutyGateway = "gateway"

// assign puts the chores on the roster.
func (g *Gateway) assign() {
	g.roster.AddCommon(
		duty.Chore{Name: "count", Every: countEvery, Work: g.recount},
		duty.Chore{Name: "clock", Work: func(ctx context.Context) { g.clock.Watch(ctx, g.log, g.hasten) }},
	)
	for _, l := range g.lanes.All() {
		l.Assign(g.creditChores(l)...)
		g.roster.AddCommon(g.commonChores(l)...)
	}
	g.roster.Add(&duty.Duty{Name: dutyGateway, Begin: g.recoverMissing, Chores: []duty.Chore{
		{Name: "sweep", Every: sweepEvery, Work: g.sweep},
		{Name: "reply", Work: g.Reply},
		{Name: "retain", Work: g.Retain},
	}})
}

// commonChores are what each node asks an operator for itself, for each of them
// accepts messages.
func (g *Gateway) commonChores(l *lane.Lane) (chores []duty.Chore) {
	if l.Terms.Prices.Asked() {
		reading := g.priceReading(l)
		chores = append(chores, duty.Chore{Name: "tariff", Work: reading.Run})
	}
	if l.Caps.SenderLister != nil && l.Facts.CheckSenders {
		reading := g.senderReading(l)
		chores = append(chores, duty.Chore{Name: "senders", Work: reading.Run})
	}
	return chores
}

// creditChores read the credit of a lane.
func (g *Gateway) creditChores(l *lane.Lane) []duty.Chore {
	if l.Caps.Balancer == nil {
		return nil
	}
	return g.credit.Chores(credit.Purse{
		Connector: l.Name, Threshold: l.CreditAlert(),
		Balance: func(ctx context.Context) (connector.Balance, error) { return l.Guard.Balance(l.Paced(ctx)) },
		Keep: func(r *credit.Record) {
			perDay, emptyAt := r.Forecast()
			l.KeepBalance(r.Balance, perDay, emptyAt)
		},
	})
}

// recoverMissing does so for connectors that nobody configured any more.
func (g *Gateway) recoverMissing(ctx context.Context) error {
	backlog, err := g.store.Backlog(ctx)
	if err != nil {
		return err
	}
	for _, s := range g.lanes.Missing(backlog) {
		if err := g.lanes.Recover(ctx, s.Name); err != nil {
			return err
		}
	}
	return nil
}

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

// hasten lets go what a clock that ran ahead put off: messages, questions about
// messages in doubt, webhooks. A date that a caller asked for stays.
func (g *Gateway) hasten(ctx context.Context) {
	if err := g.store.Hasten(ctx, g.now()); err != nil && ctx.Err() == nil {
		g.log.Error("cannot let go what a clock that ran ahead put off", "error", err)
	}
	g.lanes.Hasten(ctx)
	g.told()
}
