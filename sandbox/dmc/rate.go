package dmc

import (
	"sync"
	"time"
)

// RatePolicy says what happens to calls beyond DMC's limits: 5 calls per second
// for all of a customer's calls of the JSON API (documented: DMC developer guide
// v1.7, 1.1.9.2), and one a minute for each method of SupervisionWS (2.4; that it
// is each method is inferred). The buffered API has no limit.
type RatePolicy int

// The policies. What the platform answers is unknown; RateRefuse answers 429 and a
// page.
const (
	RateWarn   RatePolicy = iota // counted as over_rate and served
	RateOff                      // served
	RateRefuse                   // counted and refused
)

const (
	callsPerSecond = 5
	reportEvery    = time.Minute
)

type rateLimit struct {
	policy RatePolicy

	mu         sync.Mutex
	last       [callsPerSecond]time.Time // of the calls that counted, a ring
	next       int
	lastReport map[string]time.Time
}

// over reports whether a call at time now goes beyond a limit. Refused calls do not
// count against the next ones.
func (l *rateLimit) over(call request, now time.Time) bool {
	if l.policy == RateOff || call.service == "" {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	oldest := l.last[l.next]
	tooMany := !oldest.IsZero() && now.Sub(oldest).Abs() < time.Second
	tooSoon := false
	if call.service == "SupervisionWS" {
		last, known := l.lastReport[call.method]
		tooSoon = known && now.Sub(last).Abs() < reportEvery
	}
	over := tooMany || tooSoon
	if over && l.policy == RateRefuse {
		return true
	}
	l.last[l.next] = now
	l.next = (l.next + 1) % callsPerSecond
	if call.service == "SupervisionWS" {
		l.lastReport[call.method] = now
	}
	return over
}
