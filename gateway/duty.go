package gateway

import (
	"context"

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
