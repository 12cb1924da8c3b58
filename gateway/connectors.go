package gateway

import (
	"context"
	"slices"

	"relais/lane"
	"relais/reason"
)

// Connectors describes every connector, in the order of the configuration, then
// those that messages wait for and that are missing. What waits is that of
// every account.
func (g *Gateway) Connectors(ctx context.Context) ([]lane.Description, error) {
	backlog, err := g.store.Backlog(ctx)
	if err != nil {
		return nil, unavailable(err)
	}
	unmatched, err := g.store.UnmatchedReceipts(ctx)
	if err != nil {
		return nil, unavailable(err)
	}
	return g.lanes.Describe(ctx, backlog, unmatched), nil
}

// Reassign moves the queued messages of an account from one connector to another.
func (g *Gateway) Reassign(ctx context.Context, r lane.Reassignment) (done lane.Reassigned, err error) {
	if !g.HasConnector(r.To) || r.From == r.To {
		return done, refusedFor("/to", reason.Of(codeNoOtherConnector, reason.Args{"connectors": reason.Names(g.lanes.Names())}))
	}
	if done, err = g.lanes.Reassign(ctx, r); err != nil {
		err = unavailable(err)
	}
	return done, err
}

// MissingConnectors are those that messages waited for when they were last counted,
// and that the configuration does not have.
func (g *Gateway) MissingConnectors() []string {
	if names := g.missed.Load(); names != nil {
		return *names
	}
	return nil
}

// noteMissing keeps what MissingConnectors returns, and shows it in the metrics.
func (g *Gateway) noteMissing(backlog []lane.Backlog) {
	var names []string
	for _, s := range g.lanes.Missing(backlog) {
		names = append(names, s.Name)
		g.metrics.lanes.ShowMissing(s.Name, true)
	}
	for _, name := range g.MissingConnectors() {
		if !slices.Contains(names, name) {
			g.metrics.lanes.ShowMissing(name, false)
		}
	}
	g.missed.Store(&names)
}

// HasConnector reports whether the configuration has a connector.
func (g *Gateway) HasConnector(name string) bool { return g.lanes.Get(name) != nil }
