package lane

import (
	"context"
	"slices"
	"sync"
	"time"

	"relais/connector"
	"relais/reason"
	"relais/sms"
)

// Backlog counts what waits in one status at one connector.
type Backlog struct {
	Connector string
	Status    sms.Status
	Messages  int
	Oldest    time.Time // due time of the one that has waited longest
}

// Description is a lane as a person wants to see it.
type Description struct {
	Name         string
	Provider     string
	State        State
	Reason       reason.Reason // why it does not run
	Since        time.Time     // in this state
	Until        time.Time     // when it tries again; zero while running
	CallsUnder   int           // calls under way
	Facts        connector.Facts
	Capabilities []string
	Balance      *connector.Balance // nil when it cannot tell, or has not yet
	BurnPerDay   float64            // credit that goes in a day; 0: none, or not known
	EmptyAt      time.Time          // when the credit is used up at that rate; zero: not known
	CreditAlert  *float64           // threshold; nil: none
	Left         reason.Reason      // why new messages avoid it where they can; zero: they do not
	Unmatched    int                // receipts that wait for a message
	Waiting      []Backlog
	Pause        *Pause // by a person; nil: none
	// ReceiptDelay is how long half of the last receipts took at most; 0: not known here.
	ReceiptDelay time.Duration
	Senders      []connector.DeclaredSender // that the operator lists; nil: not known here
	Sessions     *connector.Sessions        // nil: the operator has none, or another node keeps them
}

// Describe describes every lane, then the connectors that messages wait for and that have
// none. backlog and unmatched are those of every account.
func (s *Set) Describe(ctx context.Context, backlog []Backlog, unmatched map[string]int) []Description {
	all := make([]Description, len(s.order))
	var asked sync.WaitGroup
	for i, l := range s.All() {
		asked.Go(func() {
			all[i] = l.describe(ctx, backlog)
			all[i].Unmatched = unmatched[l.Name]
		})
	}
	asked.Wait()
	return append(all, s.Missing(backlog)...)
}

// Missing describes connectors that messages wait for and nobody configured.
func (s *Set) Missing(backlog []Backlog) (missing []Description) {
	for _, b := range backlog {
		if s.lanes[b.Connector] != nil {
			continue
		}
		at := slices.IndexFunc(missing, func(d Description) bool { return d.Name == b.Connector })
		if at < 0 {
			at = len(missing)
			missing = append(missing, Description{
				Name: b.Connector, State: Missing, Since: b.Oldest, Capabilities: []string{},
				Reason: reason.Of(noConnector, nil),
			})
		}
		missing[at].Waiting = append(missing[at].Waiting, b)
	}
	return missing
}

func (l *Lane) describe(ctx context.Context, backlog []Backlog) Description {
	d := l.state.describe()
	d.Name, d.Provider, d.Facts, d.Capabilities = l.Name, l.Provider, l.Facts, l.Caps.Names()
	for _, kind := range l.Facts.Kinds {
		d.Capabilities = append(d.Capabilities, kind.Word())
	}
	d.CallsUnder = l.turns.underWay()
	if l.duty.Elsewhere() {
		d.State, d.Reason, d.Until = Elsewhere, reason.Of(anotherNode, nil), time.Time{}
	}
	if p, paused := l.paused(); paused {
		d.State, d.Reason, d.Since, d.Until, d.Pause = Paused, p.Reason(), p.At, p.Until, &p
		if !p.Keep {
			d.Left = p.left()
		}
	}
	d.Senders = l.Senders.Declared.All()
	d.Balance = l.balance(ctx)
	d.Sessions = l.sessions(ctx)
	d.CreditAlert, d.BurnPerDay, d.EmptyAt = l.credit.forecast()
	for _, b := range backlog {
		if b.Connector == l.Name {
			d.Waiting = append(d.Waiting, b)
		}
	}
	return d
}

func (c *condition) describe() Description {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := Description{State: c.state, Reason: reason.Verbatim(c.reason), Since: c.since, Left: c.health.why, ReceiptDelay: c.health.delay()}
	if c.state != Running {
		d.Until = c.until
	}
	return d
}
