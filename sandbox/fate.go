package sandbox

import (
	"slices"
	"strings"
	"time"
)

// scripted are the ranges that are kept for fiction: their numbers have fates.
// Any other number is an ordinary handset.
var scripted = []string{"+3363998", "+26263998", "+447700900"}

// fate is what becomes of the texts to a number, by its last two digits.
type fate struct {
	From, To int    // last two digits, both included
	What     string // for people
	arrives  bool   // the text stands on the handset
	ovh      ovhEnd
	dmc      dmcResult
	slow     bool   // the receipt comes late
	buffered bool   // the handset is off at first: an intermediate receipt, then text and receipt
	silent   bool   // no final receipt ever comes
	says     string // what the person answers at once
}

// ovhEnd is deliveryReceipt with ptt (documented: guide on SMS users).
type ovhEnd struct{ receipt, ptt int }

var (
	ovhArrived = ovhEnd{1, 4}
	ovhOnWay   = ovhEnd{4, 3}
	ovhRetried = ovhEnd{8, 1}
)

// fates is the table. 00 to 49 are the ordinary way; the codes are those that the
// operators document.
var fates = []fate{
	{From: 0, To: 49, What: "delivered", arrives: true, ovh: ovhArrived, dmc: dmcReceived},
	{From: 50, To: 54, What: "absent", ovh: ovhEnd{2, 24}, dmc: dmcResult{"CRA_SMS_FALSENUMBER", "Abonné absent"}},
	{From: 55, To: 59, What: "unknown subscriber", ovh: ovhEnd{2, 27}, dmc: dmcResult{"CRA_SMS_WRONGNUMBER", "Abonné inconnu"}},
	{From: 60, To: 64, What: "delivered, no receipt ever", arrives: true, silent: true, ovh: ovhArrived, dmc: dmcReceived},
	{From: 65, To: 69, What: "delivered, the person answers STOP", arrives: true, ovh: ovhArrived, dmc: dmcReceived, says: "STOP"},
	{From: 70, To: 74, What: "delivered, the receipt comes late", arrives: true, slow: true, ovh: ovhArrived, dmc: dmcReceived},
	{From: 75, To: 79, What: "off at first, then delivered", arrives: true, buffered: true, ovh: ovhArrived, dmc: dmcReceived},
	{From: 80, To: 84, What: "blocked by the operator", ovh: ovhEnd{2, 23}, dmc: dmcResult{"CRA_SMS_BLOCKED", "Appel bloqué"}},
	{From: 85, To: 89, What: "expired at the operator", ovh: ovhEnd{2, 8}, dmc: dmcResult{"CRA_SMS_DATEEXPIRED", "Date de validité expirée"}},
	{From: 90, To: 94, What: "network failure", ovh: ovhEnd{2, 25}, dmc: dmcResult{"CRA_SMS_OPFAILURE", "Echec opérateur"}},
	{From: 95, To: 99, What: "delivered, the person answers OUI", arrives: true, ovh: ovhArrived, dmc: dmcReceived, says: "OUI"},
}

// fateOf finds the fate of a number, E.164.
func fateOf(number string) *fate {
	if !slices.ContainsFunc(scripted, func(prefix string) bool { return strings.HasPrefix(number, prefix) }) {
		return &fates[0]
	}
	last := 0
	for _, c := range number[max(0, len(number)-2):] {
		if c < '0' || c > '9' {
			return &fates[0]
		}
		last = last*10 + int(c-'0')
	}
	for i := range fates {
		if last >= fates[i].From && last <= fates[i].To {
			return &fates[i]
		}
	}
	return &fates[0]
}

// course is how one message and its receipt go, by its fate and the faults that
// meet it.
type course struct {
	*fate
	wait    time.Duration // until the receipt, and until the text of a handset that is off
	never   bool          // no receipt
	times   int           // that a receipt is pushed
	reorder bool          // an older one is pushed after it
	before  bool          // it is pushed before the answer to the submit
}

// courseOf draws the course of a message. Each meets one receipt fault at most.
func (s *Server) courseOf(operator, number string) course {
	c := course{fate: fateOf(number), times: 1}
	c.never = c.silent
	if c.slow || c.buffered {
		c.wait = s.fateDelay
	}
	order := s.faults.nextReceipt(operator)
	if order == nil {
		return c
	}
	s.stats.of(operator).faults.Add(1)
	switch order.Kind {
	case FaultNoReceipt:
		c.never = true
	case FaultLateReceipt:
		c.wait = max(c.wait, order.delay(time.Second))
	case FaultDuplicateReceipt:
		c.times = 3
	case FaultReorderedReceipt:
		c.reorder = true
	case FaultReceiptBeforeAnswer:
		c.before = true
	}
	return c
}

// once tells whether the end comes with the submit.
func (c *course) once() bool { return c.wait == 0 && !c.never }

// answer lets the person answer what has just arrived.
func (s *Server) answerFor(c *course, number string) {
	if c.says == "" {
		return
	}
	s.agenda.at(s.clock.now(), func(time.Time) { _ = s.Reply(number, "", c.says) }) // the text is there
}
