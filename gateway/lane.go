package gateway

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"relais/connector"
	"relais/policy"
	"relais/sms"
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
	connector connector.Connector
	caps      connector.Capabilities
	facts     connector.Facts
	owner     string

	creditAlert *float64
	overlay     *policy.Pack
	duty        *duty
	prices      *prices
	declared    declared

	calls    *rate.Limiter // nil: no limit
	turn     bool          // of a call, which the lane's loop holds
	segments *rate.Limiter // nil: no limit
	slots    chan struct{} // one token per call under way
	wake     chan struct{}

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

const defaultTimeout = 30 * time.Second

func newLane(i Instance, h Health, now time.Time) *lane {
	facts := i.Facts
	facts.MaxBatch = max(1, facts.MaxBatch)
	facts.Concurrency = max(1, facts.Concurrency)
	if facts.Timeout <= 0 {
		facts.Timeout = defaultTimeout
	}
	return &lane{
		name: i.Name, provider: i.Provider, connector: i.Connector,
		caps: connector.CapabilitiesOf(i.Connector), facts: facts, owner: i.Owner, creditAlert: i.CreditAlert, overlay: i.Overlay, prices: newPrices(i),
		calls: limiter(facts.CallsPerSecond), segments: limiter(facts.SegmentsPerSecond),
		slots: make(chan struct{}, facts.Concurrency), wake: make(chan struct{}, 1),
		declared: declared{again: make(chan struct{}, 1)}, state: Running, since: now, health: newHealth(h),
	}
}

// limiter allows bursts of at most 50 ms of the rate, so that low limits, which
// are contracts, hold in any second: a little below them, because calls that leave
// evenly do not arrive so.
func limiter(perSecond float64) *rate.Limiter {
	if perSecond <= 0 {
		return nil
	}
	const margin = 0.95
	l := rate.NewLimiter(rate.Limit(perSecond*margin), max(1, int(perSecond/20)))
	l.AllowN(time.Now(), l.Burst()) // empty: a process that died may have used the last second
	return l
}

// rouse tells the lane that there may be work.
func (l *lane) rouse() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// ready waits until at least one call may be made, and returns how many, and how
// many messages each may hold: one message probes an operator that failed. The
// caller takes what it uses with take, once per call. The pause is
// looked at last: the call that freed a slot may have brought bad news.
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
		if err := l.waitFinish(ctx); err != nil { // one probe at a time
			return 0, 0, err
		}
	}
	if l.calls != nil {
		calls = min(calls, 1+max(0, int(l.calls.Tokens())))
	}
	return calls, l.facts.MaxBatch, nil
}

// waitFinish waits until a call ends, or somebody brings work.
func (l *lane) waitFinish(ctx context.Context) error {
	select {
	case <-l.wake:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// waitTurn waits until the rate allows a call. The lane's loop keeps the turn for
// its next call, in the order in which questions to the operator wait for theirs.
func (l *lane) waitTurn(ctx context.Context) error {
	if l.calls == nil || l.turn {
		return nil
	}
	err := l.calls.Wait(ctx)
	l.turn = err == nil
	return err
}

// pass gives the turn up: kept for long it would be one call too many.
func (l *lane) pass() { l.turn = false }

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

// take uses one slot and the turn of one call, and returns how long the call must
// wait for it: a question to the operator may have come in between.
func (l *lane) take() time.Duration {
	l.slots <- struct{}{}
	if l.calls == nil {
		return 0
	}
	if l.turn {
		l.turn = false
		return 0
	}
	return l.calls.Reserve().Delay()
}

// paced lets calls that are no Submit take their turns in the lane's rate too: an
// operator counts them all.
func (l *lane) paced(ctx context.Context) context.Context {
	if l.calls == nil {
		return ctx
	}
	return connector.Paced(ctx, l.calls.Wait)
}

// waitSegments waits until the rate allows every segment of the batch.
func (l *lane) waitSegments(ctx context.Context, batch []sms.Message) error {
	if l.segments == nil {
		return nil
	}
	left := 0
	for _, m := range batch {
		left += m.Segments
	}
	for left > 0 {
		n := min(left, l.segments.Burst())
		if err := l.segments.WaitN(ctx, n); err != nil {
			return err
		}
		left -= n
	}
	return nil
}

func (l *lane) waitPause(ctx context.Context) error {
	for {
		left := l.paused()
		if left <= 0 {
			return ctx.Err()
		}
		if err := sleep(ctx, left); err != nil {
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

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
