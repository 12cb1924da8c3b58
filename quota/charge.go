package quota

import (
	"math"
	"time"

	"relais/sms"
)

// Charge is what a submission takes from one quota, of one subject.
type Charge struct {
	Quota   string
	Subject string
	// Until is when the period ends, if this is its first message. A period that
	// ends after Latest was begun by a clock that ran ahead, and counts no more.
	Until, Latest time.Time
	// Once: the first period is the only one; after it nothing is counted.
	Once                       bool
	Messages, Segments         int
	MostMessages, MostSegments int       // 0: any number
	Money, MostMoney           sms.Money // at most 0: any amount

	quota *Quota
}

// Use is what a period has counted so far.
type Use struct {
	Until              time.Time // zero: nothing was ever counted
	Messages, Segments int
	Money              sms.Money
}

// live reports whether the period still counts.
func (u Use) live(c *Charge, at time.Time) bool { return u.Until.After(at) && !u.Until.After(c.Latest) }

// over reports whether the charge counts once, and its only period has ended.
func (u Use) over(c *Charge, at time.Time) bool {
	return c.Once && !u.Until.IsZero() && !u.Until.After(at)
}

// Add returns what is counted behind u when the charge is added, in the same period
// or, where that has ended, in a new one, and reports whether the quota allows it.
func (c *Charge) Add(u Use, at time.Time) (after Use, fits bool) {
	switch {
	case u.over(c, at):
		return u, true
	case !u.live(c, at):
		u = Use{Until: c.Until}
	}
	u.Messages += c.Messages
	u.Segments += c.Segments
	u.Money += c.Money
	return u, (c.MostMessages == 0 || u.Messages <= c.MostMessages) &&
		(c.MostSegments == 0 || u.Segments <= c.MostSegments) &&
		(c.MostMoney == 0 || u.Money <= c.MostMoney)
}

// never reports whether the charge is more than the whole quota.
func (c *Charge) never() bool {
	_, fits := c.Add(Use{}, time.Time{})
	return !fits
}

// frees is when the quota counts from zero again.
func (c *Charge) frees(u Use, at time.Time) time.Time {
	if u.live(c, at) {
		return u.Until
	}
	return c.Until
}

// of is what one recipient takes of the same quota.
func (c *Charge) of(r *Recipient) *Charge {
	alone := *c
	alone.Messages, alone.Segments, alone.Money = 1, r.Segments, r.Price
	return &alone
}

// room is what a period still allows, or allows at most.
type room struct {
	messages, segments int
	money              sms.Money
}

// left is what a period still allows; what is not bounded is more than there can be.
func (c *Charge) left(u Use, at time.Time) room {
	if !u.live(c, at) {
		u = Use{}
	}
	left := room{math.MaxInt32, math.MaxInt32, math.MaxInt64}
	if c.MostMessages > 0 {
		left.messages = max(0, c.MostMessages-u.Messages)
	}
	if c.MostSegments > 0 {
		left.segments = max(0, c.MostSegments-u.Segments)
	}
	if c.MostMoney > 0 {
		left.money = max(0, c.MostMoney-u.Money)
	}
	return left
}

// admit takes a message out of the room, and reports whether there was enough of it.
func (r *room) admit(one *Recipient) bool {
	if r.messages < 1 || r.segments < one.Segments || r.money < one.Price {
		return false
	}
	r.messages--
	r.segments -= one.Segments
	r.money -= one.Price
	return true
}

// Repeat bounds the messages to each of some numbers since a time.
type Repeat struct {
	Quota   string
	Since   time.Time
	Most    int
	Text    string // only messages with this text; empty: all
	Numbers []sms.Number

	quota *Quota
}
