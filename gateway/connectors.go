package gateway

import (
	"context"
	"slices"
	"sync"
	"time"

	"relais/connector"
)

// ConnectorState is an instance as a person wants to see it.
type ConnectorState struct {
	Name         string
	Provider     string
	State        LaneState
	Reason       string    // why it does not run
	Since        time.Time // in this state
	Until        time.Time // when it tries again; zero while running
	CallsUnder   int       // calls under way
	Facts        connector.Facts
	Capabilities []string
	Balance      *connector.Balance // nil when it cannot tell, or has not yet
	BurnPerDay   float64            // credit that goes in a day; 0: none, or not known
	EmptyAt      time.Time          // when the credit is used up at that rate; zero: not known
	CreditAlert  *float64           // threshold; nil: none
	Left         string             // why new messages avoid it where they can; empty: they do not
	Unmatched    int                // receipts that wait for a message
	Waiting      []Backlog
}

// balanceAge is how old a shown balance may be.
const balanceAge = time.Minute

// Connectors describes every instance, in the order of the configuration, then
// those that messages wait for and that are missing. What waits is that of
// every account.
func (g *Gateway) Connectors(ctx context.Context) ([]ConnectorState, error) {
	backlog, err := g.store.Backlog(ctx)
	if err != nil {
		return nil, unavailable(err)
	}
	unmatched, err := g.store.UnmatchedReceipts(ctx)
	if err != nil {
		return nil, unavailable(err)
	}
	states := make([]ConnectorState, len(g.order))
	var all sync.WaitGroup
	for i, name := range g.order {
		all.Go(func() {
			states[i] = g.lanes[name].describe(ctx, backlog)
			states[i].Unmatched = unmatched[name]
		})
	}
	all.Wait()
	return append(states, g.missing(backlog)...), nil
}

// missing describes connectors that messages wait for and nobody configured.
func (g *Gateway) missing(backlog []Backlog) (states []ConnectorState) {
	for _, b := range backlog {
		if _, configured := g.lanes[b.Connector]; configured {
			continue
		}
		at := slices.IndexFunc(states, func(s ConnectorState) bool { return s.Name == b.Connector })
		if at < 0 {
			at = len(states)
			states = append(states, ConnectorState{
				Name: b.Connector, State: Missing, Since: b.Oldest, Capabilities: []string{},
				Reason: "messages wait for it and the configuration has no connector of that name",
			})
		}
		states[at].Waiting = append(states[at].Waiting, b)
	}
	return states
}

func (l *lane) describe(ctx context.Context, backlog []Backlog) ConnectorState {
	balance := l.currentBalance(ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	s := ConnectorState{
		Name: l.name, Provider: l.provider, State: l.state, Reason: l.reason, Since: l.since,
		CallsUnder: len(l.slots), Facts: l.facts, Capabilities: l.caps.Names(), Balance: balance,
	}
	if l.state != Running {
		s.Until = l.until
	}
	if l.duty.Elsewhere() {
		s.State, s.Reason, s.Until = Elsewhere, "another node sends for it", time.Time{}
	}
	s.Left, s.CreditAlert = l.health.why.english, l.creditAlert
	s.BurnPerDay, s.EmptyAt = l.record.Forecast()
	for _, b := range backlog {
		if b.Connector == l.name {
			s.Waiting = append(s.Waiting, b)
		}
	}
	return s
}

// currentBalance asks the operator when the last answer is old. A failure shows
// the old answer, whose date tells.
func (l *lane) currentBalance(ctx context.Context) *connector.Balance {
	if l.caps.Balancer == nil {
		return nil
	}
	l.mu.Lock()
	known := l.balance
	l.mu.Unlock()
	if time.Since(known.At) > balanceAge {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		if fresh, err := l.connector.Balance(l.paced(ctx)); err == nil {
			known = fresh
		}
	}
	if known.At.IsZero() {
		return nil
	}
	l.mu.Lock()
	l.balance = known
	l.mu.Unlock()
	return &known
}
