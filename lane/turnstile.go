package lane

import (
	"context"
	"time"

	"relais/connector"
	"relais/duty"
	"relais/sms"
)

// turnstile lets the calls of a lane through at the rates that its operator allows, and only
// so many at once.
type turnstile struct {
	batch    int           // most messages in a call
	calls    *pace         // nil: no limit
	turns    int           // of calls, which the lane's loop holds
	segments *pace         // nil: no limit
	saved    int           // segments that the next calls may have
	slots    chan struct{} // one token per call under way
}

func newTurnstile(f *connector.Facts) turnstile {
	return turnstile{
		batch: f.MaxBatch, calls: newPace(f.CallsPerSecond), segments: newPace(f.SegmentsPerSecond),
		slots: make(chan struct{}, f.Concurrency),
	}
}

// underWay is how many calls there are.
func (t *turnstile) underWay() int { return len(t.slots) }

// open says how many calls may be made now, at least one, and how many messages each may hold.
func (t *turnstile) open(free int) (calls, batch int) {
	if t.segments != nil {
		t.saved += t.segments.more(int(t.segments.burst) - t.saved)
	}
	if t.calls != nil {
		t.turns += t.calls.more(free - t.turns)
		free = t.turns
	}
	return free, t.batch
}

// waitTurn waits until the rates allow a call of one segment. The lane's loop keeps
// the turn for its next call.
func (t *turnstile) waitTurn(ctx context.Context) error {
	if t.segments != nil && t.saved == 0 {
		if err := t.save(ctx, 1); err != nil {
			return err
		}
	}
	if t.calls == nil || t.turns > 0 {
		return nil
	}
	err := t.calls.message(ctx, 1)
	if err == nil {
		t.turns = 1
	}
	return err
}

// save waits until the next call may have so many segments.
func (t *turnstile) save(ctx context.Context, segments int) error {
	saved, err := t.segments.save(ctx, segments-t.saved)
	t.saved += saved
	return err
}

// pass gives back turns that no call used: turns that are hoarded would allow too many calls
// at once later.
func (t *turnstile) pass() {
	if t.calls != nil {
		t.calls.giveBack(t.turns)
	}
	t.turns = 0
}

// spend pays for the segments that were claimed. When nothing was claimed, what was saved up
// is given back.
func (t *turnstile) spend(calls [][]sms.Message) {
	if t.segments == nil {
		return
	}
	if len(calls) == 0 {
		t.segments.giveBack(t.saved)
		t.saved = 0
	}
	t.saved = max(0, t.saved-segmentsOf(calls))
}

// freeSlots waits for a free slot and counts them. The lane's loop is alone in
// taking slots, so they stay free until it does.
func (t *turnstile) freeSlots(ctx context.Context) (int, error) {
	select {
	case t.slots <- struct{}{}:
		<-t.slots
		return cap(t.slots) - len(t.slots), nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// enter takes one slot and the turn of one call.
func (t *turnstile) enter() {
	t.slots <- struct{}{}
	if t.calls != nil {
		t.turns--
		t.calls.used(false)
	}
}

// leave frees the slot of a call that has ended.
func (t *turnstile) leave() { <-t.slots }

// drainLook is how often a lane that stops looks whether its calls have returned.
const drainLook = 20 * time.Millisecond

// drain waits until no call is under way, or ctx ends. The lane has stopped beginning calls.
func (t *turnstile) drain(ctx context.Context) {
	for t.underWay() > 0 {
		if duty.Sleep(ctx, drainLook) != nil {
			return
		}
	}
}
