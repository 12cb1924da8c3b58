package gateway

import (
	"time"

	"relais/connector"
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

// health is what a lane knows of its operator beyond the breaker. It has the
// lane's lock. It lives in memory: a fresh start trusts everybody.
type health struct {
	Health
	calls    samples              // one a message: did its call fail?
	receipts samples              // one a message: was its receipt late?
	watched  map[sms.ID]time.Time // submitted, receipt still to come
	why      said                 // why the connector is left; empty while it is not
	late     bool                 // it is left because of its receipts
	since    time.Time
	probeAt  time.Time
	probes   int // in a row, without news
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
func (h *health) leave(why said, late bool, now time.Time) {
	if h.why == (said{}) {
		h.since, h.probes = now, 0
		h.probeAt = now.Add(h.ProbeEvery)
	}
	h.why, h.late = why, late
}

// back takes the connector in again.
func (h *health) back() {
	h.why, h.late, h.since = said{}, false, time.Time{}
	h.calls, h.receipts = nil, nil
}

// called learns from one call.
func (h *health) called(begun, now time.Time, fault connector.Fault, failed bool, messages int) {
	bad := failed && (fault == connector.Temporary || fault == connector.Uncertain)
	for range min(messages, mostSamples) {
		h.calls.add(now, bad)
	}
	if !failed && h.why != (said{}) && !h.late && begun.After(h.since) {
		h.back()
		return
	}
	if failed, all := h.calls.share(now.Add(-healthWindow)); h.over(failed, all) {
		h.leave(say("%d of the last %d messages failed", "%d des %d derniers messages ont échoué", failed, all), false, now)
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
		h.leave(say("%d of the last %d receipts took longer than %s", "%d des %d derniers accusés ont mis plus de %s", late, all, plain(h.ReceiptDelay)), true, now)
	}
}

const maxProbePause = 10 * time.Minute

// probe tells whether one message may try the connector now.
func (h *health) probe(now time.Time) bool {
	if now.Before(h.probeAt) {
		return false
	}
	h.probes++
	h.probeAt = now.Add(doubled(h.ProbeEvery, h.probes, maxProbePause))
	return true
}

var statesInFrench = map[LaneState]string{Blocked: "bloqué", Failing: "en échec"}

// use is what a lane is asked for.
type use int

const (
	toLook use = iota // a preview: the question changes nothing
	toSend
	toTry // to send, and a lane that was left takes it now and then, to be tried
)

// fit reports whether new messages may go through the lane, and why not. A
// connector whose calls succeed again is taken in again by that; one whose receipts
// were late when a receipt comes in time.
func (l *lane) fit(use use) (ok bool, why said) {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.state == Blocked || l.state == Failing:
		why := said{string(l.state) + ", " + l.reason, statesInFrench[l.state] + ", " + l.reason}
		if use == toLook {
			return false, why
		}
		l.health.leave(why, false, now)
	case l.health.why == said{}:
		return true, said{}
	}
	if use == toTry && !now.Before(l.until) && l.health.probe(now) {
		return true, said{}
	}
	return false, l.health.why
}

// watch waits for the receipts of what the operator took.
func (l *lane) watch(transitions []sms.Transition) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range transitions {
		if transitions[i].To == sms.Submitted {
			l.health.watch(transitions[i].ID, time.Now())
		}
	}
}

// receiptsCame tells the lane which of its messages have a receipt.
func (l *lane) receiptsCame(ids []sms.ID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range ids {
		l.health.receipt(id, time.Now())
	}
}

// checkReceipts looks for late receipts, and returns why the lane was left for
// them just now.
func (l *lane) checkReceipts() (left string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := l.health.why
	l.health.missed(time.Now())
	if before == (said{}) {
		return l.health.why.english
	}
	return ""
}
