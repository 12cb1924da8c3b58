package gateway

import (
	"context"
	"time"

	"relais/connector"
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
		calls, err := l.ready(ctx)
		if err != nil {
			return
		}
		claimed, err := g.store.Claim(ctx, Claim{
			Connector: l.name, Calls: calls, Batch: l.facts.MaxBatch, SameText: l.facts.SameText, Now: g.now(),
		})
		if err != nil {
			g.log.Error("cannot claim messages", "connector", l.name, "error", err)
			// What was not written down is not sent, whatever the store returned.
			claimed = Claimed{Next: g.now().Add(claimPause)}
		}
		g.claimed(l, claimed)
		if len(claimed.Calls) == 0 && l.rest(ctx, claimed.Next) != nil {
			return
		}
	}
}

// claimed starts the calls. They outlive the loop's context: a soft stop waits
// for them.
func (g *Gateway) claimed(l *lane, c Claimed) {
	g.metrics.expired.Add(float64(c.Expired))
	g.waiting.Add(-int64(c.Expired))
	for _, batch := range c.Calls {
		g.waiting.Add(-int64(len(batch)))
		if err := l.take(g.calling, batch); err != nil {
			g.finish(l, batch, nil, &connector.Error{Fault: connector.Temporary, Detail: "the gateway stops", Err: err})
			continue
		}
		g.calls.Go(func() { g.submit(l, batch) })
	}
}

// rest sleeps until the next message is due, or somebody brings one.
func (l *lane) rest(ctx context.Context, next time.Time) error {
	wait := idle
	if !next.IsZero() {
		wait = min(idle, max(next.Sub(l.now()), time.Millisecond))
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-l.wake:
	case <-timer.C:
	case <-ctx.Done():
	}
	return ctx.Err()
}

// submit makes one call and settles it.
func (g *Gateway) submit(l *lane, batch []sms.Message) {
	ctx, cancel := context.WithTimeout(g.calling, l.facts.Timeout)
	defer cancel()
	begun := g.now()
	outcomes, err := l.connector.Submit(ctx, batch)
	g.metrics.calls.WithLabelValues(l.name).Observe(g.now().Sub(begun).Seconds())
	if l.observe(outcomes, err) {
		g.tellState(l)
	}
	g.finish(l, batch, outcomes, err)
}

// finish makes the outcome durable, frees the call's slot and wakes the lane.
func (g *Gateway) finish(l *lane, batch []sms.Message, outcomes []connector.Outcome, err error) {
	transitions := settle(l.name, batch, outcomes, err, g.now())
	g.keep(transitions)
	g.count(l, batch, transitions)
	<-l.slots
	l.rouse()
}
