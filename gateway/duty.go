package gateway

import (
	"context"
	"time"

	"relais/duty"
	"relais/internal/trial"
)

// Names of duties.
const (
	dutyGateway = "gateway" // what is about every message: sweep, rules of replies
	dutyOf      = "lane:"   // and the name of the instance
)

// assign puts the chores on the roster.
func (g *Gateway) assign() {
	g.roster.AddCommon(
		duty.Chore{Name: "count", Every: countEvery, Work: g.recount},
		duty.Chore{Name: "clock", Work: func(ctx context.Context) { g.clock.Watch(ctx, g.log, g.hasten) }},
	)
	for _, name := range g.order {
		l := g.lanes[name]
		l.duty = &duty.Duty{Name: dutyOf + name, Chores: g.laneChores(l)}
		l.duty.Begin = func(ctx context.Context) error { return g.recover(ctx, name) }
		g.roster.Add(l.duty)
		g.roster.AddCommon(g.commonChores(l)...)
	}
	g.roster.Add(&duty.Duty{Name: dutyGateway, Begin: g.recoverMissing, Chores: []duty.Chore{
		{Name: "sweep", Every: sweepEvery, Work: g.sweep},
		{Name: "reply", Work: g.reply},
		{Name: "retain", Work: g.Retain},
	}})
}

// commonChores are what each node asks an operator for itself, for each of them
// accepts messages.
func (g *Gateway) commonChores(l *lane) (chores []duty.Chore) {
	if l.terms.Prices.Asked() {
		reading := g.priceReading(l)
		chores = append(chores, duty.Chore{Name: "tariff", Work: reading.Run})
	}
	if l.caps.SenderLister != nil && l.facts.CheckSenders {
		reading := g.senderReading(l)
		chores = append(chores, duty.Chore{Name: "senders", Work: reading.Run})
	}
	return chores
}

// laneChores are the loops of one lane.
func (g *Gateway) laneChores(l *lane) []duty.Chore {
	of := func(work func(context.Context, *lane)) func(context.Context) {
		return func(ctx context.Context) { work(ctx, l) }
	}
	chores := []duty.Chore{{Name: "dispatch", Work: of(g.dispatch)}, {Name: "await", Work: of(g.await)}}
	if l.caps.Reconciler != nil {
		chores = append(chores, duty.Chore{Name: "reconcile", Work: of(g.reconcile)})
	}
	if l.caps.Runner != nil {
		chores = append(chores, duty.Chore{Name: "session", Work: of(g.session)})
	}
	if l.caps.NewsPoller != nil {
		chores = append(chores, duty.Chore{Name: "poll", Work: of(g.poll)})
	}
	if l.caps.Balancer != nil && g.credit.Every > 0 {
		chores = append(chores, duty.Chore{
			Name: "credit", Every: max(time.Second, g.credit.Every), AtOnce: true, Work: of(g.watchCredit),
		})
	}
	if len(g.rules) > 0 {
		chores = append(chores, duty.Chore{Name: "failover", Work: of(g.failover)})
	}
	return chores
}

// recover takes up what a dead process, or a node that lost its lease, was
// sending by a connector; empty: by any.
func (g *Gateway) recover(ctx context.Context, connector string) error {
	trial.Reached(trial.Recovering)
	crashed, err := g.store.Recover(ctx, connector, g.now())
	if err != nil {
		return err
	}
	trial.Reached(trial.Recovered)
	if crashed > 0 {
		g.log.Warn("calls were cut by the end of an earlier run; their messages are held", "messages", crashed)
	}
	return nil
}

// recoverMissing does so for connectors that nobody configured any more.
func (g *Gateway) recoverMissing(ctx context.Context) error {
	backlog, err := g.store.Backlog(ctx)
	if err != nil {
		return err
	}
	for _, s := range g.missing(backlog) {
		if err := g.recover(ctx, s.Name); err != nil {
			return err
		}
	}
	return nil
}
