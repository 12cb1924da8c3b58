package lane

import (
	"context"
	"time"

	"relais/internal/trial"
	"relais/sms"
)

// Idle is how long a lane sleeps at most before it looks again. Only a missed wake-up needs
// it.
const Idle = 5 * time.Second

// claimPause is how long a lane waits after the store failed to take a claim.
const claimPause = time.Second

// dispatch is the loop of a lane: claim, then make the calls, until ctx ends.
func (l *Lane) dispatch(ctx context.Context) {
	for {
		calls, batch, err := l.ready(ctx)
		if err != nil {
			return
		}
		fence, _ := l.duty.Held()
		claim := Claim{
			Connector: l.Name, Calls: calls, Batch: batch, SameText: l.Facts.SameText,
			Segments: l.turns.saved, Now: l.o.Now(), Rota: l.rota, Weight: l.weight,
			Lease: l.duty.Lease(), Fence: fence, Node: l.o.Roster.Node(),
		}
		claimed, err := l.o.Store.Claim(ctx, claim)
		if err != nil && ctx.Err() == nil {
			l.o.Log.Error("cannot claim messages", "connector", l.Name, "error", err)
			// What was not written down is not sent, whatever the store returned.
			claimed = Claimed{Next: l.o.Now().Add(claimPause)}
		}
		l.rota.Took(claim, claimed)
		l.begin(claimed) //nolint:contextcheck // its calls outlive the loop
		if l.prepare(ctx, &claimed) != nil {
			return
		}
	}
}

// ready waits until at least one call may be made. It returns how many calls, and how many
// messages each may hold: one message probes an operator that failed. Whatever has to be
// waited for is waited for here or in save, while the messages are still queued, so that
// what is claimed then leaves at once. The caller enters the turnstile once per call, and
// gives back the rest with pass. Pauses are checked last: the call that freed a slot may have
// brought bad news.
func (l *Lane) ready(ctx context.Context) (calls, batch int, err error) {
	for {
		if err := l.set.pauses.wait(ctx, l.Name); err != nil {
			return 0, 0, err
		}
		if err := l.state.waitPause(ctx); err != nil {
			return 0, 0, err
		}
		if calls, err = l.turns.freeSlots(ctx); err != nil {
			return 0, 0, err
		}
		if err := l.turns.waitTurn(ctx); err != nil {
			return 0, 0, err
		}
		if _, paused := l.paused(); paused || l.state.paused() > 0 {
			l.turns.pass()
			continue
		}
		if !l.state.probing() {
			calls, batch = l.turns.open(calls)
			return calls, batch, nil
		}
		if l.turns.underWay() == 0 {
			return 1, 1, nil
		}
		l.turns.pass()
		if err := l.wake.Wait(ctx); err != nil { // one probe at a time, until it ends
			return 0, 0, err
		}
	}
}

// weight is how many turns an account has in a row.
func (l *Lane) weight(account string) int { return l.o.Account(account).Weight }

// prepare waits, after a claim, for what the next one needs.
func (l *Lane) prepare(ctx context.Context, c *Claimed) error {
	l.turns.pass()
	if c.Short > 0 {
		return l.turns.save(ctx, c.Short)
	}
	l.turns.spend(c.Calls)
	if len(c.Calls) > 0 {
		return nil
	}
	_, err := l.wake.WaitAtMost(ctx, l.untilDue(c.Next)) // somebody may bring a message
	return err
}

// begin starts the calls of a claim. They outlive the loop's context: a soft stop
// waits for them.
func (l *Lane) begin(c Claimed) {
	l.o.Metrics.expired.Add(float64(c.Expired))
	l.o.Metrics.optedOut.Add(float64(c.OptedOut))
	l.o.Waiting(-(c.Expired + c.OptedOut))
	if c.Expired+c.OptedOut > 0 {
		l.o.Told()
	}
	if len(c.Calls) > 0 {
		trial.Reached(trial.Claimed)
	}
	for _, batch := range c.Calls {
		l.o.Waiting(-len(batch))
		l.turns.enter()
		l.set.calls.Go(func() { l.call(batch) })
	}
}

// untilDue is how long a lane may sleep before it looks again.
func (l *Lane) untilDue(next time.Time) time.Duration {
	if next.IsZero() {
		return l.o.LookEvery
	}
	return min(l.o.LookEvery, max(next.Sub(l.o.Now()), time.Millisecond))
}

// call makes one call and settles it. A stop that came meanwhile leaves the batch
// unsent, and so does a lease that went to another node.
func (l *Lane) call(batch []sms.Message) {
	if _, ours := l.duty.Held(); l.o.Roster.Quitting() || !ours {
		l.finish(batch, Unsent(l.Name, batch, l.o.Now()))
		return
	}
	leaving := l.leave(batch, l.o.Now())
	batch = leaving.batch
	if len(batch) == 0 {
		l.finish(leaving.put, leaving.back)
		return
	}
	begun := time.Now()
	span := l.o.Traces.Call(l.set.calling, l.Name, batch)
	outcomes, err := l.Guard.Submit(l.set.calling, leaving.sent)
	trial.Reached(trial.Answered)
	l.o.Metrics.calls.WithLabelValues(l.Name).Observe(time.Since(begun).Seconds())
	if l.state.observe(begun, len(batch), outcomes, err) {
		l.showState()
	}
	l.refusedSender(outcomes, err)
	transitions := settle(l.Name, batch, outcomes, err, l.o.Now())
	span.Settled(transitions)
	leaving.noteClauses(transitions)
	l.failOver(batch, outcomes, err, transitions)
	l.expectReceipts(batch, transitions)
	l.state.watch(transitions)
	l.finish(append(batch, leaving.put...), append(transitions, leaving.back...))
}

// finish makes the outcome durable, frees the call's slot and wakes the lane.
func (l *Lane) finish(batch []sms.Message, transitions []sms.Transition) {
	if l.keep(transitions) {
		trial.Reached(trial.Settled)
		l.count(batch, transitions)
		l.o.Told()
	}
	l.turns.leave()
	l.Rouse()
}
