package gateway

import (
	"context"
	"strconv"

	"relais/connector"
	"relais/lane"
	"relais/reason"
)

// openLanes makes the lanes of the connectors.
func (g *Gateway) openLanes(o *Options) error {
	g.lanes = lane.NewSet(lane.Options{
		Store: o.Store, Inbox: g.Inbox, Health: o.Health, ReceiptTimes: o.ReceiptTimes,
		ResendCodes: o.ResendCodes, Currency: g.currency, Told: g.told,
		Fallbacks: len(o.Rules) > 0, LookEvery: o.LookEvery,
		Account: func(name string) lane.Account {
			account := g.account(name)
			return lane.Account{Weight: account.Weight, Policy: account.Policy}
		},
		Waiting: func(messages int) { g.backlog.messages.Add(int64(messages)) },
		Roster:  g.roster, Metrics: g.metrics.lanes, Traces: o.Traces, Log: o.Log, Now: g.now,
	})
	g.backlog.lanes = g.lanes
	for _, i := range o.Instances {
		if g.lanes.Get(i.Name) != nil {
			return reason.NewError(phraseSameName, reason.Args{"connector": reason.Name(strconv.Quote(i.Name))})
		}
		if err := i.CheckTariff(reason.Of(phraseItsOperator, nil)); err != nil {
			return err
		}
		g.metrics.begin(g.lanes.Add(i))
	}
	return nil
}

// Connectors describes every connector, in the order of the configuration, then those that
// messages wait for and that are not configured. What waits is counted over every account;
// where so much waits that counting takes long, it is what waited a short time ago.
func (g *Gateway) Connectors(ctx context.Context) ([]lane.Description, error) {
	backlog, err := g.backlog.recent.Get(ctx, everything{}, g.backlog.store.Backlog)
	if err != nil {
		return nil, unavailable(err)
	}
	unmatched, err := g.backlog.store.UnmatchedReceipts(ctx)
	if err != nil {
		return nil, unavailable(err)
	}
	return g.lanes.Describe(ctx, backlog.Value, unmatched), nil
}

// Reassign moves the queued messages of an account from one connector to another.
func (g *Gateway) Reassign(ctx context.Context, r lane.Reassignment) (done lane.Reassigned, err error) {
	if !g.HasConnector(r.To) || r.From == r.To {
		return done, refusedFor("/to",
			reason.Of(codeNoOtherConnector, reason.Args{"connectors": reason.Names(g.lanes.Names())}))
	}
	if done, err = g.lanes.Reassign(ctx, r); err != nil {
		err = unavailable(err)
	}
	return done, err
}

// Trace returns what the live sessions of a connector said behind a number; see connector.Tracer.
func (g *Gateway) Trace(ctx context.Context, name string, after int64) ([]connector.Said, error) {
	l := g.lanes.Get(name)
	if l == nil {
		return nil, refusedFor("/connector",
			reason.Of(CodeConnectorUnknown, reason.Args{"connectors": reason.Names(g.lanes.Names())}))
	}
	traced, err := l.Trace(ctx, after)
	named := reason.Args{"connector": reason.Name(name)}
	switch {
	case err != nil:
		return nil, unavailable(err)
	case traced.None:
		return nil, conflict(reason.Of(codeNoSessions, named))
	case traced.Elsewhere:
		return nil, conflict(reason.Of(codeSessionsElsewhere, named))
	}
	return traced.Said, nil
}

// MissingConnectors are those that messages waited for when they were last counted,
// and that the configuration does not have.
func (g *Gateway) MissingConnectors() []string {
	return g.backlog.missing()
}

// Rate is how many messages a connector takes in a second at most; empty: the fastest of them.
// 0: there is no limit.
func (g *Gateway) Rate(connector string) float64 {
	most := 0.0
	for _, l := range g.lanes.All() {
		if connector != "" && l.Name != connector {
			continue
		}
		rate := l.Facts.CallsPerSecond * float64(l.Facts.MaxBatch)
		if rate == 0 {
			return 0
		}
		most = max(most, rate)
	}
	return most
}

// Standing returns how a connector stands, and whether the configuration has it.
func (g *Gateway) Standing(name string) (s lane.Standing, known bool) {
	l := g.lanes.Get(name)
	if l == nil {
		return s, false
	}
	return l.Standing(), true
}

// HasConnector reports whether the configuration has a connector.
func (g *Gateway) HasConnector(name string) bool { return g.lanes.Get(name) != nil }
