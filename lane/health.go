package lane

import (
	"slices"
	"time"

	"relais/connector"
	"relais/reason"
	"relais/sms"
)

// Health says when a connector is left for its fallbacks.
type Health struct {
	ErrorRate    float64       // share of messages whose calls fail, or whose receipts are late
	Least        int           // messages before a share counts
	ReceiptDelay time.Duration // a receipt that takes longer is late
	ProbeEvery   time.Duration // one message tries a connector that was left
}

// healthWindow is how long a call is remembered for the share of errors.
const healthWindow = time.Minute

// mostWatched bounds the messages whose receipts are watched.
const mostWatched = 1000

// health is what a lane knows of its operator beyond the breaker. The lane's lock guards it.
// It lives in memory: a fresh start trusts everybody.
type health struct {
	Health
	calls    samples              // one a message: did its call fail?
	receipts samples              // one a message: was its receipt late?
	watched  map[sms.ID]time.Time // submitted, receipt still to come
	why      reason.Reason        // why the connector is left; empty while it is not
	late     bool                 // it is left because of its receipts
	since    time.Time
	probeAt  time.Time
	probes   int             // in a row, without news
	delays   []time.Duration // of the last receipts
}

// mostDelays is how many receipts the delay that is shown is made of.
const mostDelays = 50

// delay is how long half of the last receipts took at most; 0: none came yet.
func (h *health) delay() time.Duration {
	if len(h.delays) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(h.delays))
	return sorted[len(sorted)/2]
}

// samples are yes-or-no observations with their times, oldest first.
type samples []sample

type sample struct {
	at  time.Time
	bad bool
}

const mostSamples = 200

func (s *samples) add(at time.Time, bad bool) {
	*s = append(*s, sample{at, bad})
	if extra := len(*s) - mostSamples; extra > 0 {
		*s = append((*s)[:0], (*s)[extra:]...)
	}
}

// share returns how many of the samples since a time are bad, and their number.
func (s samples) share(since time.Time) (bad, all int) {
	for _, one := range s {
		if one.at.Before(since) {
			continue
		}
		all++
		if one.bad {
			bad++
		}
	}
	return bad, all
}

func newHealth(h Health) health { return health{Health: h, watched: map[sms.ID]time.Time{}} }

// leave stops new traffic until a probe brings good news.
func (h *health) leave(why reason.Reason, late bool, now time.Time) {
	if h.why.IsZero() {
		h.since, h.probes = now, 0
		h.probeAt = now.Add(h.ProbeEvery)
	}
	h.why, h.late = why, late
}

// back uses the connector again.
func (h *health) back() {
	h.why, h.late, h.since = reason.Reason{}, false, time.Time{}
	h.calls, h.receipts = nil, nil
}

// called learns from one call.
func (h *health) called(begun, now time.Time, fault connector.Fault, failed bool, messages int) {
	bad := failed && (fault == connector.Temporary || fault == connector.Uncertain)
	for range min(messages, mostSamples) {
		h.calls.add(now, bad)
	}
	if !failed && !h.why.IsZero() && !h.late && begun.After(h.since) {
		h.back()
		return
	}
	if failed, all := h.calls.share(now.Add(-healthWindow)); h.over(failed, all) {
		args := reason.Args{"bad": reason.Count(failed), "all": reason.Count(all)}
		h.leave(reason.Of(manyFailed, args), false, now)
	}
}

func (h *health) over(bad, all int) bool {
	return h.ErrorRate > 0 && all >= max(1, h.Least) && float64(bad) >= h.ErrorRate*float64(all)
}

// watch waits for the receipt of a message.
func (h *health) watch(id sms.ID, now time.Time) {
	if h.ReceiptDelay > 0 && len(h.watched) < mostWatched {
		h.watched[id] = now
	}
}

// receipt learns that a receipt came.
func (h *health) receipt(id sms.ID, now time.Time) {
	sent, known := h.watched[id]
	if !known {
		return
	}
	delete(h.watched, id)
	if h.delays = append(h.delays, now.Sub(sent)); len(h.delays) > mostDelays {
		h.delays = append(h.delays[:0], h.delays[1:]...)
	}
	late := now.Sub(sent) > h.ReceiptDelay
	h.receipts.add(now, late)
	if !late && h.late && sent.After(h.since) {
		h.back()
	}
}

// missed looks for receipts that are late by now.
func (h *health) missed(now time.Time) {
	for id, sent := range h.watched {
		if now.Sub(sent) > h.ReceiptDelay {
			delete(h.watched, id)
			h.receipts.add(now, true)
		}
	}
	late, all := h.receipts.share(now.Add(-max(healthWindow, 2*h.ReceiptDelay)))
	if h.over(late, all) {
		h.leave(reason.Of(manyLate, reason.Args{
			"bad": reason.Count(late), "all": reason.Count(all), "time": reason.Duration(h.ReceiptDelay),
		}), true, now)
	}
}

const maxProbePause = 10 * time.Minute

// probe reports whether one message may try the connector now.
func (h *health) probe(now time.Time) bool {
	if now.Before(h.probeAt) {
		return false
	}
	h.probes++
	h.probeAt = now.Add(doubled(h.ProbeEvery, h.probes, maxProbePause))
	return true
}

// stopped says why a lane that is blocked or failing was left; c.mu is held.
func (c *condition) stopped() reason.Reason {
	code := leftFailing
	if c.state == Blocked {
		code = leftBlocked
	}
	return reason.Of(code, reason.Args{"why": reason.Name(c.reason)})
}

// fit reports whether new messages may go through the lane, and why not. A connector comes
// back when its calls succeed again or, if it was left for late receipts, when a receipt
// comes in time.
func (c *condition) fit(use Use) (ok bool, why reason.Reason) {
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.state == Blocked || c.state == Failing:
		why := c.stopped()
		if use == ToLook {
			return false, why
		}
		c.health.leave(why, false, now)
	case c.health.why.IsZero():
		return true, reason.Reason{}
	}
	if use == ToTry && !now.Before(c.until) && c.health.probe(now) {
		return true, reason.Reason{}
	}
	return false, c.health.why
}

// watch waits for the receipts of what the operator took.
func (c *condition) watch(transitions []sms.Transition) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range transitions {
		if transitions[i].To == sms.Submitted {
			c.health.watch(transitions[i].ID, time.Now())
		}
	}
}

// receiptsCame tells the lane which of its messages have a receipt.
func (c *condition) receiptsCame(ids []sms.ID, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range ids {
		c.health.receipt(id, now)
	}
}

// checkReceipts looks for late receipts, and returns why the lane was left for
// them just now.
func (c *condition) checkReceipts() (left reason.Reason) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.health.why
	c.health.missed(time.Now())
	if before.IsZero() {
		return c.health.why
	}
	return reason.Reason{}
}

// probedSince reports whether a message that was accepted at a time may have been a probe,
// because the lane had been left by then.
func (c *condition) probedSince(accepted time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.health.probes > 0 && accepted.After(c.health.since)
}
