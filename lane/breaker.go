package lane

import (
	"context"
	"errors"
	"sync"
	"time"

	"relais/connector"
	"relais/duty"
)

// Pauses of a lane. Each doubles with every further call in a row that ends the same way.
const (
	throttlePause    = time.Second
	maxThrottlePause = 30 * time.Second
	maxAskedPause    = time.Hour // the longest Retry-After that is believed
	breakerStreak    = 5         // messages in a row whose calls fail or are in doubt
	breakerPause     = time.Second
	maxBreakerPause  = time.Minute
	blockedPause     = 10 * time.Second
	maxBlockedPause  = 5 * time.Minute
)

// State says whether a lane sends.
type State string

// The states of a lane.
const (
	Running   State = "running"
	Throttled State = "throttled" // the operator asked to slow down
	Failing   State = "failing"   // the breaker is open after failures in a row
	Blocked   State = "blocked"   // credentials, credit or rights: somebody must act
	Missing   State = "missing"   // messages wait for it and the configuration lacks it
	Elsewhere State = "elsewhere" // another node of the cluster sends for it
	Paused    State = "paused"    // a person stopped it
)

// condition is what a lane knows of its operator.
type condition struct {
	mu       sync.Mutex
	state    State
	reason   string                      // why it does not run
	until    time.Time                   // no call before
	since    time.Time                   // in this state
	entered  time.Time                   // when the last pause began; calls begun before it tell nothing new
	streaks  [connector.Rejected + 1]int // what ended in each fault, in a row
	openings int                         // of the breaker, in a row
	health   health
}

func newCondition(h Health, now time.Time) condition {
	return condition{state: Running, since: now, health: newHealth(h)}
}

// now returns what is known at this moment.
func (c *condition) now() (state State, reason string, until time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state, c.reason, c.until
}

// waitPause waits until the lane may call.
func (c *condition) waitPause(ctx context.Context) error {
	for {
		left := c.paused()
		if left <= 0 {
			return ctx.Err()
		}
		if err := duty.Sleep(ctx, left); err != nil {
			return err
		}
	}
}

// paused is how long the lane must still wait before it calls.
func (c *condition) paused() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Until(c.until)
}

// probing reports whether the lane comes back from a pause.
func (c *condition) probing() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state == Blocked || c.state == Failing
}

// observe learns from one call, and reports whether the state changed. Calls that began
// before the present pause caused it: they neither end nor prolong it.
func (c *condition) observe(
	begun time.Time, messages int, outcomes []connector.Outcome, err error,
) (changed bool) {
	fault, worst := worstOf(outcomes, err)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.health.called(begun, time.Now(), fault, worst != nil, messages)
	if c.state != Running && !begun.After(c.entered) {
		return false
	}
	if worst == nil {
		c.streaks, c.openings = [len(c.streaks)]int{}, 0
		return c.enter(Running, "", 0)
	}
	c.streaks[fault] += weight(fault, messages)
	streak := c.streaks[fault]
	switch fault {
	case connector.Throttled:
		pause := max(min(retryAfter(worst), maxAskedPause),
			doubled(throttlePause, streak-1, maxThrottlePause))
		return c.enter(Throttled, worst.Error(), pause)
	case connector.Blocked:
		return c.enter(Blocked, worst.Error(), doubled(blockedPause, streak-1, maxBlockedPause))
	case connector.Rejected:
		return false // of the message, not of the operator
	default:
		if failures := c.streaks[connector.Temporary] + c.streaks[connector.Uncertain]; failures >= breakerStreak {
			c.openings++
			return c.enter(Failing, worst.Error(), doubled(breakerPause, c.openings-1, maxBreakerPause))
		}
		return false
	}
}

// weight is what a call adds to its streak. Failures and doubts count once per message, so
// that large batches do not hide them; a refusal to work counts once.
func weight(fault connector.Fault, messages int) int {
	if fault == connector.Throttled || fault == connector.Blocked {
		return 1
	}
	return messages
}

// enter puts the lane in a state; a pause keeps it from calling meanwhile.
func (c *condition) enter(state State, reason string, pause time.Duration) (changed bool) {
	now := time.Now()
	changed = c.state != state
	if changed {
		c.since = now
	}
	if pause > 0 {
		c.entered = now
	}
	c.state, c.reason, c.until = state, reason, now.Add(pause)
	return changed
}

// worstOf picks the error that says most about the operator: one blocked
// message outweighs the others.
func worstOf(outcomes []connector.Outcome, err error) (connector.Fault, error) {
	if err != nil {
		return connector.FaultOf(err), err
	}
	var worst error
	var fault connector.Fault
	taken := false
	for _, o := range outcomes {
		if o.Err == nil {
			taken = true
			continue
		}
		if f := connector.FaultOf(o.Err); worst == nil || severity(f) > severity(fault) {
			worst, fault = o.Err, f
		}
	}
	if taken && severity(fault) < severity(connector.Throttled) {
		return fault, nil // the operator works; single messages had trouble
	}
	return fault, worst
}

func severity(f connector.Fault) int {
	switch f {
	case connector.Blocked:
		return 4
	case connector.Throttled:
		return 3
	case connector.Uncertain:
		return 2
	case connector.Temporary:
		return 1
	default:
		return 0
	}
}

func retryAfter(err error) time.Duration {
	if e, ok := errors.AsType[*connector.Error](err); ok {
		return e.RetryAfter
	}
	return 0
}

// doubled is base times two to the power of times, at most limit.
func doubled(base time.Duration, times int, limit time.Duration) time.Duration {
	for ; times > 0 && base < limit; times-- {
		base *= 2
	}
	return min(base, limit)
}
