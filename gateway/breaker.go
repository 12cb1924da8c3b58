package gateway

import (
	"errors"
	"time"

	"relais/connector"
)

// Pauses of a lane, doubled with each call in a row that ends the same way.
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

// observe draws the lane's conclusion from one call, and returns whether the
// state changed. Calls that had begun before the present pause belong to what
// brought it: they neither end nor prolong it.
func (l *lane) observe(begun time.Time, messages int, outcomes []connector.Outcome, err error) (changed bool) {
	fault, worst := worstOf(outcomes, err)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.health.called(begun, time.Now(), fault, worst != nil, messages)
	if l.state != Running && !begun.After(l.entered) {
		return false
	}
	if worst == nil {
		l.streaks, l.openings = [len(l.streaks)]int{}, 0
		return l.enter(Running, "", 0)
	}
	l.streaks[fault] += weight(fault, messages)
	streak := l.streaks[fault]
	switch fault {
	case connector.Throttled:
		pause := max(min(retryAfter(worst), maxAskedPause), doubled(throttlePause, streak-1, maxThrottlePause))
		return l.enter(Throttled, worst.Error(), pause)
	case connector.Blocked:
		return l.enter(Blocked, worst.Error(), doubled(blockedPause, streak-1, maxBlockedPause))
	case connector.Rejected:
		return false // of the message, not of the operator
	default:
		if failures := l.streaks[connector.Temporary] + l.streaks[connector.Uncertain]; failures >= breakerStreak {
			l.openings++
			return l.enter(Failing, worst.Error(), doubled(breakerPause, l.openings-1, maxBreakerPause))
		}
		return false
	}
}

// weight is what a call adds to its streak: failures and doubts count by the
// message, so that batches do not spread them; refusals to work count once.
func weight(fault connector.Fault, messages int) int {
	if fault == connector.Throttled || fault == connector.Blocked {
		return 1
	}
	return messages
}

// enter puts the lane in a state; a pause keeps it from calling meanwhile.
func (l *lane) enter(state LaneState, reason string, pause time.Duration) (changed bool) {
	now := time.Now()
	changed = l.state != state
	if changed {
		l.since = now
	}
	if pause > 0 {
		l.entered = now
	}
	l.state, l.reason, l.until = state, reason, now.Add(pause)
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
