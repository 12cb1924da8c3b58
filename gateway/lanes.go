package gateway

import (
	"context"
	"fmt"

	"relais/connector"
	"relais/lane"
)

// openLanes makes the lanes of the connectors.
func (g *Gateway) openLanes(o *Options) error {
	g.lanes = lane.NewSet(lane.Options{
		Store: o.Store, Inbox: operators{g}, Health: o.Health, ReceiptTimes: o.ReceiptTimes,
		ResendCodes: o.ResendCodes, Currency: g.currency, SecondChance: g.secondChance, Told: g.told,
		Fallbacks: len(o.Rules) > 0, LookEvery: o.LookEvery,
		Account: func(name string) lane.Account {
			account := g.account(name)
			return lane.Account{Weight: account.Weight, Policy: account.Policy}
		},
		Waiting: func(messages int) { g.waiting.Add(int64(messages)) },
		Roster:  g.roster, Metrics: g.metrics.lanes, Traces: o.Traces, Log: o.Log, Now: g.now,
	})
	for _, i := range o.Instances {
		if g.lanes.Get(i.Name) != nil {
			return fmt.Errorf("two connectors have the name %q", i.Name)
		}
		if err := i.CheckTariff(); err != nil {
			return err
		}
		g.metrics.begin(g.lanes.Add(lane.Instance{
			Name: i.Name, Provider: i.Provider, Connector: i.Connector, Facts: i.Facts, Owner: i.Owner,
			CreditAlert: i.CreditAlert, Overlay: i.Overlay, Prices: pricesOf(i),
		}))
	}
	return nil
}

// operators is the inbox of the lanes.
type operators struct{ g *Gateway }

// Take stores what an operator told.
func (o operators) Take(ctx context.Context, l *lane.Lane, news connector.News, pushed bool) error {
	return o.g.take(ctx, l, news, pushed)
}
