package webhook

import "time"

// GiveUp is how long an event is delivered again before it is given up.
const GiveUp = 72 * time.Hour

// pauses are the waits between the attempts of one delivery; the last one is
// repeated until GiveUp.
var pauses = []time.Duration{
	5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour,
}

// pause is the wait after an attempt, the first of which is 1. Up to a tenth
// more, by the event, so that what failed together does not come back together.
func pause(attempts int, seq int64) time.Duration {
	wait := pauses[min(max(attempts, 1), len(pauses))-1]
	return wait + wait*time.Duration(seq%101)/1000
}

// An endpoint is quarantined when this many attempts in a row failed over this long a time.
// Then one delivery probes it: after a minute, then after twice as long each time, up to an
// hour.
const (
	quarantineAfter = 10
	quarantineSpan  = time.Minute
	firstProbe      = time.Minute
	// LongestProbe is the longest wait for that.
	LongestProbe = time.Hour
)

// longestAsked bounds what Retry-After of an endpoint may ask.
const longestAsked = time.Hour

// judge is what an endpoint becomes after an attempt.
func judge(e Endpoint, taken bool, now time.Time) Endpoint {
	if taken {
		e.Failures, e.FailingAt, e.ProbeAt = 0, time.Time{}, time.Time{}
		if e.State == Quarantined {
			e.State, e.Reason = Active, ""
		}
		return e
	}
	e.Failures++
	if e.FailingAt.IsZero() {
		e.FailingAt = now
	}
	switch {
	case e.State == Quarantined:
		// doubles the time that it has failed
		e.ProbeAt = now.Add(min(max(firstProbe, now.Sub(e.FailingAt)), LongestProbe))
	case e.Failures >= quarantineAfter && now.Sub(e.FailingAt) >= quarantineSpan:
		e.State, e.ProbeAt = Quarantined, now.Add(firstProbe)
		e.Reason = "it has not answered well since " + e.FailingAt.UTC().Format(time.RFC3339)
	}
	return e
}
