package engine

import (
	"cmp"
	"context"
	"time"

	"relais/campaign/ledger"
	"relais/reason"
	"relais/sms"
)

// Reasons of pauses by guards.
const (
	Errors  reason.Code = "errors"            // the operator refuses messages, or does not deliver them
	OptOuts reason.Code = "opt_outs/campaign" // people answer STOP
	Doubt   reason.Code = "doubt"             // nobody knows whether messages left
	// Restored is of a campaign in a copy that relais backup wrote; the store writes it.
	Restored reason.Code = "restored"

	codeGuard reason.Code = "campaign_guard"
)

const (
	// guardsFrom is how many rows must have settled: of a few nothing can be said.
	guardsFrom = 50
	// The shares of guards in percent, where a campaign says nothing.
	usualErrors, usualOptOuts, usualDoubt = 10, 2, 1
	// mostDoubt is how many messages in doubt are too many, however few rows have settled.
	mostDoubt = 20
	percent   = 100
)

// guard pauses a campaign in which something goes wrong. It counts the rows that settled last;
// faults that are over by themselves settle none. Whoever lets the campaign go on has seen
// what the guard saw: it counts anew from there.
func (f *Feeder) guard(ctx context.Context, c *ledger.Campaign) (paused bool, err error) {
	rows, failed := c.Watch.Count()
	why := f.guardConnector(c)
	if why.IsZero() {
		why = reached(Errors, failed, rows, cmp.Or(c.Options.Guards.Errors, usualErrors))
	}
	if why.IsZero() {
		if why, err = f.guardOptOuts(ctx, c, rows); err != nil {
			return false, err
		}
	}
	if why.IsZero() {
		why = guardDoubt(c.Options.Guards.Doubt, f.stateOf(c).doubt.count(), rows)
	}
	if why.IsZero() {
		return false, nil
	}
	return true, f.moveBy(ctx, c, ledger.Move{
		From: []ledger.Status{ledger.Running}, To: ledger.Paused, Why: why.Code, Saw: why,
	})
}

// reached says that so many of so many rows are a share, in percent; zero: they are not, or
// nothing can be said.
func reached(code reason.Code, some, of, share int) reason.Reason {
	if share < 0 || of < guardsFrom || some*percent < of*share {
		return reason.Reason{}
	}
	return reason.Of(code, reason.Args{"count": reason.Count(some), "of": reason.Count(of)})
}

// guardOptOuts asks who answered STOP of those who had a message.
func (f *Feeder) guardOptOuts(ctx context.Context, c *ledger.Campaign, rows int) (why reason.Reason, err error) {
	share := cmp.Or(c.Options.Guards.OptOuts, usualOptOuts)
	s, now := f.stateOf(c), f.Desk.Now()
	if share < 0 || rows < guardsFrom || now.Sub(s.asked) < time.Second {
		return why, nil
	}
	some, err := f.Desk.Store.CampaignOptOuts(ctx, c.Account, c.ID, c.Watch.From())
	if err != nil {
		return why, err
	}
	s.asked = now
	return reached(OptOuts, some, rows, share), nil
}

// guardDoubt looks at messages in doubt. Rows settle no more where the operator never answers,
// so that the number counts too, unless people chose a share.
func guardDoubt(share, doubtful, rows int) reason.Reason {
	of := rows + doubtful
	if share == 0 && doubtful >= mostDoubt {
		return reason.Of(Doubt, reason.Args{"count": reason.Count(doubtful), "of": reason.Count(of)})
	}
	if doubtful == 0 {
		return reason.Reason{}
	}
	return reached(Doubt, doubtful, of, cmp.Or(share, usualDoubt))
}

// doubts are the messages in doubt of a campaign, as far as it was followed.
type doubts struct {
	now  int // since the first row
	last int // when every row was looked at
}

func (d *doubts) count() int { return max(d.now, d.last) }

// see looks at a taken row. What was in doubt when a person let the campaign go on is known.
func (d *doubts) see(row *ledger.Row, since time.Time) {
	if row.Status == sms.Uncertain && !row.At.Before(since) {
		d.now++
	}
}

// whole is called when every row was looked at.
func (d *doubts) whole() { d.last, d.now = d.now, 0 }

// state is what the feeder remembers of a campaign between turns.
type state struct {
	since time.Time // when a person let it go on
	asked time.Time // when it was asked who opted out
	doubt doubts

	looked time.Time // when it was looked at why messages do not leave
}

func (f *Feeder) stateOf(c *ledger.Campaign) *state {
	s := f.states[c.ID]
	if s == nil || !s.since.Equal(c.Watch.Since) {
		s = &state{since: c.Watch.Since}
		f.states[c.ID] = s
	}
	return s
}

// checkGuards refuses shares that are none.
func checkGuards(g ledger.Guards) error {
	for _, one := range []struct {
		name  string
		share int
	}{
		{"errors", g.Errors},
		{"opt_outs", g.OptOuts},
		{"doubt", g.Doubt},
	} {
		if one.share < -1 || one.share > percent {
			return refused("/options/guards/"+one.name, codeGuard, nil)
		}
	}
	return nil
}
