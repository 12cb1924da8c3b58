package gateway

import (
	"context"
	"sync"
	"time"

	"relais/connector"
	"relais/duty"
	"relais/internal/bell"
	"relais/sender"
	"relais/sms"
	"relais/terms"
)

// LaneState says whether a lane sends.
type LaneState string

// The states of a lane.
const (
	Running   LaneState = "running"
	Throttled LaneState = "throttled" // the operator asked to slow down
	Failing   LaneState = "failing"   // the breaker is open after failures in a row
	Blocked   LaneState = "blocked"   // credentials, credit or rights: somebody must act
	Missing   LaneState = "missing"   // messages wait for it and the configuration lacks it
	Elsewhere LaneState = "elsewhere" // another node of the cluster sends for it
)

// lane is the sending loop of one instance. A slow or dead operator holds up
// its own lane and no other. Its pauses and what it learns of the operator live in
// memory and run by the monotonic clock: a clock that is set ends none of them.
type lane struct {
	name      string
	provider  string
	connector *connector.Guard
	caps      connector.Capabilities
	facts     connector.Facts
	owner     string

	creditAlert *float64
	terms       *terms.Connector
	duty        *duty.Duty
	senders     *sender.Connector

	calls    *pace         // nil: no limit
	turns    int           // of calls, which the lane's loop holds
	segments *pace         // nil: no limit
	saved    int           // segments that the next calls may have
	slots    chan struct{} // one token per call under way
	rota     *Rota         // of the accounts, for the lane's loop alone
	wake     bell.Bell

	mu       sync.Mutex
	state    LaneState
	reason   string                      // why it does not run
	until    time.Time                   // no call before
	since    time.Time                   // in this state
	entered  time.Time                   // the last pause; calls begun before it tell nothing new
	streaks  [connector.Rejected + 1]int // what ended in each fault, in a row
	openings int                         // of the breaker, in a row
	balance  connector.Balance
	record   CreditRecord // the last reading that was stored
	health   health
}

func newLane(i Instance, o *Options, now time.Time) *lane {
	facts := i.Facts
	facts.MaxBatch = max(1, facts.MaxBatch)
	facts.Concurrency = max(1, facts.Concurrency)
	guard := connector.NewGuard(i.Connector, connector.GuardOptions{
		Instance: i.Name, Timeout: facts.Timeout, Log: o.Log,
		Failed: func(ability string, how connector.Failing) { o.Metrics.failed(i.Name, ability, how) },
	})
	return &lane{
		name: i.Name, provider: i.Provider, connector: guard, caps: guard.Can(), facts: facts,
		owner: i.Owner, creditAlert: i.CreditAlert,
		terms: &terms.Connector{Name: i.Name, Facts: facts, Overlay: i.Overlay, Prices: pricesOf(i)},
		calls: newPace(facts.CallsPerSecond), segments: newPace(facts.SegmentsPerSecond),
		slots: make(chan struct{}, facts.Concurrency), rota: NewRota(), wake: bell.New(),
		senders: &sender.Connector{
			Name: i.Name, Kinds: facts.Senders, Overlay: i.Overlay, Declared: sender.NewDeclared(&facts),
		},
		state: Running, since: now, health: newHealth(o.Health),
	}
}

// rouse tells the lane that there may be work.
func (l *lane) rouse() { l.wake.Ring() }

// ready waits until at least one call may be made, and returns how many, and how
// many messages each may hold: one message probes an operator that failed. What is
// claimed then leaves at once: whatever has to be waited for is waited for here, or
// by save, while the messages are still queued. The caller takes what it uses with
// take, once per call, and gives the rest up with pass. The pause is looked at last:
// the call that freed a slot may have brought bad news.
func (l *lane) ready(ctx context.Context) (calls, batch int, err error) {
	for {
		if err := l.waitPause(ctx); err != nil {
			return 0, 0, err
		}
		if calls, err = l.freeSlots(ctx); err != nil {
			return 0, 0, err
		}
		if err := l.waitTurn(ctx); err != nil {
			return 0, 0, err
		}
		if l.paused() > 0 {
			l.pass()
			continue
		}
		if !l.probing() {
			break
		}
		if len(l.slots) == 0 {
			return 1, 1, nil
		}
		l.pass()
		if err := l.wake.Wait(ctx); err != nil { // one probe at a time, until it ends
			return 0, 0, err
		}
	}
	if l.segments != nil {
		l.saved += l.segments.more(int(l.segments.burst) - l.saved)
	}
	if l.calls != nil {
		l.turns += l.calls.more(calls - l.turns)
		calls = l.turns
	}
	return calls, l.facts.MaxBatch, nil
}

// waitTurn waits until the rates allow a call of one segment. The lane's loop keeps
// the turn for its next call.
func (l *lane) waitTurn(ctx context.Context) error {
	if l.segments != nil && l.saved == 0 {
		if err := l.save(ctx, 1); err != nil {
			return err
		}
	}
	if l.calls == nil || l.turns > 0 {
		return nil
	}
	err := l.calls.message(ctx, 1)
	if err == nil {
		l.turns = 1
	}
	return err
}

// save waits until the next call may have so many segments.
func (l *lane) save(ctx context.Context, segments int) error {
	saved, err := l.segments.save(ctx, segments-l.saved)
	l.saved += saved
	return err
}

// pass gives the turns up that no call took: kept for long they would be calls too
// many.
func (l *lane) pass() {
	if l.calls != nil {
		l.calls.giveBack(l.turns)
	}
	l.turns = 0
}

// spend pays for the segments that were claimed. What is left of the savings when
// nothing was is given up.
func (l *lane) spend(calls [][]sms.Message) {
	if l.segments == nil {
		return
	}
	if len(calls) == 0 {
		l.segments.giveBack(l.saved)
		l.saved = 0
	}
	l.saved = max(0, l.saved-segmentsOf(calls))
}

func segmentsOf(calls [][]sms.Message) (segments int) {
	for _, call := range calls {
		for i := range call {
			segments += call[i].Segments
		}
	}
	return segments
}

// freeSlots waits for a free slot and counts them. The lane's loop is alone in
// taking slots, so they stay free until it does.
func (l *lane) freeSlots(ctx context.Context) (int, error) {
	select {
	case l.slots <- struct{}{}:
		<-l.slots
		return cap(l.slots) - len(l.slots), nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// take uses one slot and the turn of one call.
func (l *lane) take() {
	l.slots <- struct{}{}
	if l.calls != nil {
		l.turns--
		l.calls.used(false)
	}
}

// paced lets calls that are no Submit take their turns in the lane's rate too.
func (l *lane) paced(ctx context.Context) context.Context {
	if l.calls == nil {
		return ctx
	}
	return connector.Paced(ctx, l.calls.question)
}

func (l *lane) waitPause(ctx context.Context) error {
	for {
		left := l.paused()
		if left <= 0 {
			return ctx.Err()
		}
		if err := duty.Sleep(ctx, left); err != nil {
			return err
		}
	}
}

// paused is how long the lane must not call yet.
func (l *lane) paused() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Until(l.until)
}

// probing tells whether the lane comes back from a pause.
func (l *lane) probing() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state == Blocked || l.state == Failing
}
