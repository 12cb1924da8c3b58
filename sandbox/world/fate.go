package world

import (
	"slices"
	"strings"
	"time"
)

// scripted are the ranges that are kept for fiction: their numbers have fates.
// Any other number is an ordinary handset.
var scripted = []string{"+3363998", "+26263998", "+447700900"}

// End is what becomes of a text in the end. Each operator has its own code for it.
type End int

// The ends.
const (
	Arrived End = iota // the text stands on the handset
	Absent
	UnknownSubscriber
	Blocked // by the operator
	Expired
	NetworkFailure
)

// Fate is what becomes of the texts to a number, by its last two digits.
type Fate struct {
	From, To int    // last two digits, both included
	What     string // for people
	End      End
	Slow     bool   // the receipt comes late
	Buffered bool   // the handset is off at first: an intermediate receipt, then text and receipt
	Silent   bool   // no final receipt ever comes
	Says     string // what the person answers at once
}

// Fates is the table. 00 to 49 are the ordinary way.
var Fates = []Fate{
	{From: 0, To: 49, What: "delivered"},
	{From: 50, To: 54, What: "absent", End: Absent},
	{From: 55, To: 59, What: "unknown subscriber", End: UnknownSubscriber},
	{From: 60, To: 64, What: "delivered, no receipt ever", Silent: true},
	{From: 65, To: 69, What: "delivered, the person answers STOP", Says: "STOP"},
	{From: 70, To: 74, What: "delivered, the receipt comes late", Slow: true},
	{From: 75, To: 79, What: "off at first, then delivered", Buffered: true},
	{From: 80, To: 84, What: "blocked by the operator", End: Blocked},
	{From: 85, To: 89, What: "expired at the operator", End: Expired},
	{From: 90, To: 94, What: "network failure", End: NetworkFailure},
	{From: 95, To: 99, What: "delivered, the person answers OUI", Says: "OUI"},
}

// FateOf finds the fate of a number, E.164.
func FateOf(number string) *Fate {
	if !slices.ContainsFunc(scripted, func(prefix string) bool { return strings.HasPrefix(number, prefix) }) {
		return &Fates[0]
	}
	last := 0
	for _, c := range number[max(0, len(number)-2):] {
		if c < '0' || c > '9' {
			return &Fates[0]
		}
		last = last*10 + int(c-'0')
	}
	for i := range Fates {
		if last >= Fates[i].From && last <= Fates[i].To {
			return &Fates[i]
		}
	}
	return &Fates[0]
}

// Course is how one message and its receipt go, by its fate and the faults that
// meet it.
type Course struct {
	*Fate
	Wait      time.Duration // until the receipt, and until the text of a handset that is off
	Never     bool          // no receipt
	Times     int           // that a receipt is pushed
	Reorder   bool          // an older one is pushed after it
	Before    bool          // it is pushed before the answer to the submit
	Elsewhere bool          // it goes by another session than the submit, where there is one
}

// Ordinary is the course of a message that no fate and no fault meets.
func Ordinary() Course { return Course{Fate: &Fates[0], Times: 1} }

// Once reports whether the end comes with the submit.
func (c *Course) Once() bool { return c.Wait == 0 && !c.Never }

// CourseOf draws the course of a message. Each meets one receipt fault at most.
func (w *World) CourseOf(operator, number string) Course {
	c := Course{Fate: FateOf(number), Times: 1}
	c.Never = c.Silent
	if c.Slow || c.Buffered {
		c.Wait = w.fateDelay
	}
	order := w.Orders.nextReceipt(operator)
	if order == nil {
		return c
	}
	w.Tally.Of(operator).Faults.Add(1)
	switch order.Kind {
	case FaultNoReceipt:
		c.Never = true
	case FaultLateReceipt:
		c.Wait = max(c.Wait, order.Delay(time.Second))
	case FaultDuplicateReceipt:
		c.Times = 3
	case FaultReorderedReceipt:
		c.Reorder = true
	case FaultReceiptBeforeAnswer:
		c.Before = true
	case FaultReceiptElsewhere:
		c.Elsewhere = true
	}
	return c
}

// AnswerFor lets the person answer what has just arrived.
func (w *World) AnswerFor(c *Course, number string) {
	if c.Says == "" {
		return
	}
	w.Agenda.At(w.Clock.Now(), func(time.Time) { w.reply(number, c.Says) })
}
