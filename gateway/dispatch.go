package gateway

import (
	"context"
	"time"

	"relais/internal/trial"
	"relais/sms"
)

// idle is how long a lane sleeps at most before it looks again: nothing but a
// missed wake-up needs it.
const idle = 5 * time.Second

// claimPause is how long a lane waits for a store that took no claim.
const claimPause = time.Second

// dispatch is the loop of one lane: claim, then make the calls, until ctx ends.
func (g *Gateway) dispatch(ctx context.Context, l *lane) {
	for {
		calls, batch, err := l.ready(ctx)
		if err != nil {
			return
		}
		fence, _ := l.duty.Held()
		claim := Claim{
			Connector: l.name, Calls: calls, Batch: batch, SameText: l.facts.SameText, Segments: l.saved, Now: g.now(),
			Rota: l.rota, Weight: g.weight, Lease: l.duty.Lease(), Fence: fence, Node: g.roster.Node(),
		}
		claimed, err := g.store.Claim(ctx, claim)
		if err != nil && ctx.Err() == nil {
			g.log.Error("cannot claim messages", "connector", l.name, "error", err)
			// What was not written down is not sent, whatever the store returned.
			claimed = Claimed{Next: g.now().Add(claimPause)}
		}
		l.rota.Took(claim, claimed)
		g.claimed(l, claimed) //nolint:contextcheck // its calls outlive the loop
		if l.prepare(ctx, claimed, g.untilDue(claimed.Next)) != nil {
			return
		}
	}
}

// weight is how many turns an account has in a row.
func (g *Gateway) weight(account string) int { return g.account(account).Weight }

// prepare waits after a claim for what the next one needs.
func (l *lane) prepare(ctx context.Context, c Claimed, untilDue time.Duration) error {
	l.pass()
	if c.Short > 0 {
		return l.save(ctx, c.Short)
	}
	l.spend(c.Calls)
	if len(c.Calls) > 0 {
		return nil
	}
	_, err := l.wake.WaitAtMost(ctx, untilDue) // somebody may bring a message
	return err
}

// claimed starts the calls. They outlive the loop's context: a soft stop waits
// for them.
func (g *Gateway) claimed(l *lane, c Claimed) {
	g.metrics.expired.Add(float64(c.Expired))
	g.metrics.optedOut.Add(float64(c.OptedOut))
	g.waiting.Add(-int64(c.Expired + c.OptedOut))
	if c.Expired+c.OptedOut > 0 {
		g.told()
	}
	if len(c.Calls) > 0 {
		trial.Reached(trial.Claimed)
	}
	for _, batch := range c.Calls {
		g.waiting.Add(-int64(len(batch)))
		l.take()
		g.calls.Go(func() { g.submit(l, batch) })
	}
}

// untilDue is how long a lane may sleep before it looks again.
func (g *Gateway) untilDue(next time.Time) time.Duration {
	if next.IsZero() {
		return g.idle
	}
	return min(g.idle, max(next.Sub(g.now()), time.Millisecond))
}

// submit makes one call and settles it. A stop that came meanwhile leaves the batch
// unsent, and so does a lease that went to another node.
func (g *Gateway) submit(l *lane, batch []sms.Message) {
	if _, ours := l.duty.Held(); g.roster.Quitting() || !ours {
		g.finish(l, batch, Unsent(l.name, batch, g.now()))
		return
	}
	leaving := g.leave(l, batch, g.now())
	batch = leaving.batch
	if len(batch) == 0 {
		g.finish(l, leaving.put, leaving.back)
		return
	}
	begun := time.Now()
	span := g.traces.Call(g.calling, l.name, batch)
	outcomes, err := l.connector.Submit(g.calling, leaving.sent)
	trial.Reached(trial.Answered)
	g.metrics.calls.WithLabelValues(l.name).Observe(time.Since(begun).Seconds())
	if l.observe(begun, len(batch), outcomes, err) {
		g.tellState(l)
	}
	l.rejectedSender(outcomes, err)
	transitions := settle(l.name, batch, outcomes, err, g.now())
	span.Settled(transitions)
	leaving.noteClauses(transitions)
	g.failOver(batch, outcomes, err, transitions)
	g.expectReceipts(batch, transitions)
	l.watch(transitions)
	g.finish(l, append(batch, leaving.put...), append(transitions, leaving.back...))
}

// finish makes the outcome durable, frees the call's slot and wakes the lane.
func (g *Gateway) finish(l *lane, batch []sms.Message, transitions []sms.Transition) {
	if g.keep(l, transitions) {
		trial.Reached(trial.Settled)
		g.count(l, batch, transitions)
		g.told()
	}
	<-l.slots
	l.rouse()
}
